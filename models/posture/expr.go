package posture

// Op is a comparison of the catalogue's condition language.
type Op string

// Comparisons. A path that was not read makes every one of them unknown, except exists.
const (
	OpEq           Op = "eq"
	OpNe           Op = "ne"
	OpLt           Op = "lt"
	OpLe           Op = "le"
	OpGt           Op = "gt"
	OpGe           Op = "ge"
	OpIn           Op = "in"
	OpSubsetOf     Op = "subset_of"     // every element is in the list
	OpSupersetOf   Op = "superset_of"   // every member of the list is among the elements
	OpDisjointFrom Op = "disjoint_from" // no element is in the list
	OpWithin       Op = "within"        // every address, range or prefix lies in a prefix of the list
	OpPortsIn      Op = "ports_in"      // every port of the range lies in a range of the list
	OpEmpty        Op = "empty"
	OpExists       Op = "exists"
)

// What of a path a comparison looks at.
const (
	OfValue  = ""       // the value
	OfLength = "length" // number of elements of a list
	OfLocked = "locked" // the lock
)

// Expr is a condition: exactly one of All, Any, Not, or a comparison (Op with Path or Flags).
type Expr struct {
	All []Expr `yaml:"all"`
	Any []Expr `yaml:"any"`
	Not *Expr  `yaml:"not"`

	Path     string            `yaml:"path"`      // setting, or a figure of the user list (users.*)
	AltPaths []string          `yaml:"alt_paths"` // older or newer names: the first that Zoom sends wins
	Flags    []string          `yaml:"flags"`     // instead of a path: the list of those of these settings that are on, by last name
	In       string            `yaml:"in"`        // groups or users: the setting of each of them instead of the account's
	Of       string            `yaml:"of"`
	Select   *Select           `yaml:"select"`
	Op       Op                `yaml:"op"`
	Value    any               `yaml:"value"` // bool, number, string or list of strings or numbers
	Param    string            `yaml:"param"` // instead of a value
	Labels   map[string]string `yaml:"labels"`

	documented []string // what Zoom documents as its values; nil: anything
}

// Select reduces an array of objects to one field of those objects in which the flag Where is true; of all objects without one.
type Select struct {
	Where string `yaml:"where"`
	Field string `yaml:"field"`
	Any   bool   `yaml:"any"` // one object that passes is enough, and an empty array fails
}

func (e *Expr) leaf() bool { return e.Op != "" || e.Path != "" || len(e.Flags) > 0 }

// walk calls f for every comparison in e.
func (e *Expr) walk(f func(*Expr)) {
	for i := range e.All {
		e.All[i].walk(f)
	}
	for i := range e.Any {
		e.Any[i].walk(f)
	}
	if e.Not != nil {
		e.Not.walk(f)
	}
	if e.leaf() {
		f(e)
	}
}

// paths lists the setting paths that a comparison may read.
func (e *Expr) paths() []string {
	var p []string
	if e.Path != "" {
		p = append(p, e.Path)
	}
	p = append(p, e.AltPaths...)
	return append(p, e.Flags...)
}

// figurePath is the figure of the user list that e compares, "" for none.
func (e *Expr) figurePath() string {
	path := ""
	e.walk(func(l *Expr) {
		if _, ok := userFigures[l.Path]; ok && path == "" {
			path = l.Path
		}
	})
	return path
}

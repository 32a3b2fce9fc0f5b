package features

import (
	"fmt"

	"github.com/zoomward/zoomward/store"
)

// A Channel is one aspect of a user's day. Each is a bag of tokens, compared with the user's own past and with the peers'.
type Channel int

// The channels. Act to Hour describe how somebody works, Prefix to Version from where and with what, Setting what he changes.
const (
	Act Channel = iota
	Level
	Pace
	Pair
	Rhythm
	Run
	Hour
	Prefix
	Network
	Country
	Client
	Version
	Setting
	Channels // their number
)

var channelNames = [Channels]string{"act", "level", "pace", "pair", "rhythm", "run", "hour", "prefix", "asn", "country", "client", "version", "setting"}

var channelMeanings = [Channels]string{
	"what was done", "how much of it", "how soon after the action before", "what followed what", "rhythm of the pauses", "runs of the same action",
	"time of day and pace", "network prefix", "network operator", "country", "kind of client", "client version", "settings changed",
}

// String returns the channel's short name.
func (c Channel) String() string { return channelNames[c] }

// Context says whether the channel is a place or a client of sign-ins: where a new value is judged by how familiar it is.
func (c Channel) Context() bool { return c >= Prefix && c <= Version }

// Meaning returns in a few words what the channel compares.
func (c Channel) Meaning() string { return channelMeanings[c] }

// A vocabulary numbers words (actions, addresses, ...) and, per channel, the tokens built from them. Numbers are dense and given in the order of first use, which
// the fold makes the same in every run.
type vocabulary struct {
	Words  []string
	Keys   [Channels][]uint64 // token number -> key
	words  map[string]uint32
	tokens [Channels]map[uint64]uint32
	dict   *store.Dictionary // of the rows that are read
	plain  bool              // see State.Plain
	wordOf []uint32          // number in dict -> word + 1, 0 for not yet looked up
}

func newVocabulary() *vocabulary {
	v := &vocabulary{dict: store.NewDictionary()}
	v.index()
	return v
}

// index rebuilds the look-ups from the lists.
func (v *vocabulary) index() {
	v.words = make(map[string]uint32, len(v.Words))
	for i, w := range v.Words {
		v.words[w] = uint32(i)
	}
	for c := range v.tokens {
		v.tokens[c] = make(map[uint64]uint32, len(v.Keys[c]))
		for i, k := range v.Keys[c] {
			v.tokens[c][k] = uint32(i)
		}
	}
	v.wordOf = nil
}

// learnWord makes sure that a text of the dictionary has a word.
func (v *vocabulary) learnWord(code uint32) {
	if int(code) >= len(v.wordOf) {
		v.wordOf = append(v.wordOf, make([]uint32, max(v.dict.Len(), int(code)+1)-len(v.wordOf))...)
	}
	if v.wordOf[code] != 0 {
		return
	}
	s := v.dict.Text(code)
	n, ok := v.words[s]
	if !ok {
		n = uint32(len(v.Words))
		v.Words = append(v.Words, s)
		v.words[s] = n
	}
	v.wordOf[code] = n + 1
}

// word returns the word of a text that learnWord has seen.
func (v *vocabulary) word(code uint32) uint64 { return uint64(v.wordOf[code] - 1) }

func (v *vocabulary) token(c Channel, key uint64) uint32 {
	n, ok := v.tokens[c][key]
	if !ok {
		n = uint32(len(v.Keys[c]))
		v.Keys[c] = append(v.Keys[c], key)
		v.tokens[c][key] = n
	}
	return n
}

// Token keys: words in the high bits, small classes in the low byte. wordBits leaves room for 16 million words beside two of them and a class.
const wordBits = 24

var paceNames = map[uint64]string{0: "at once", 1: "within a minute", 2: "within half an hour", 3: "later", 9: "first of the day"}

// describe puts a token into words.
func (v *vocabulary) describe(c Channel, token uint32) string {
	key := v.Keys[c][token]
	low := key & 0xff
	word := func(shift uint) string { return v.Words[key>>shift&(1<<wordBits-1)] }
	switch c {
	case Act:
		return word(8)
	case Level:
		return fmt.Sprintf("%s, %d to %d times", word(8), 1<<low, 2<<low-1)
	case Pace:
		return fmt.Sprintf("%s %s", word(8), gapName(low))
	case Pair:
		return fmt.Sprintf("%s then %s %s", word(8+wordBits), word(8), paceNames[low])
	case Rhythm:
		return fmt.Sprintf("pauses %s, then %s", gapName(key>>8), gapName(low))
	case Run:
		return fmt.Sprintf("%s %d to %d times running", word(8), 1<<low, 2<<low-1)
	case Hour:
		if key >= partOfWeek {
			part := key >> 8 & 0xff * partHours
			return fmt.Sprintf("%s %02d to %02d h", [...]string{"working day", "weekend"}[key/partOfWeek-1], part, part+partHours)
		}
		return fmt.Sprintf("%02d h, %s", key>>8, paceNames[low])
	default:
		return word(8)
	}
}

// firstGap marks the first event of a day, which has no event before it.
const firstGap = 99

func gapName(b uint64) string {
	switch {
	case b == firstGap:
		return "first of the day"
	case b == 0:
		return "in the same second"
	default:
		return fmt.Sprintf("after %d s or more", uint64(1)<<(b-1))
	}
}

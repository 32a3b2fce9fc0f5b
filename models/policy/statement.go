package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// tableFunctions are the functions that may stand in FROM: they make rows out of their arguments alone. All others may read files, settings or the catalogue.
var tableFunctions = []string{"unnest", "range", "generate_series"}

// forbidden are functions that tell something else than what the views hold, so that the same rows would not give the same answer, or that reach beyond the views.
// Names that end in * stand for all that begin so.
var forbidden = []string{
	"now", "today", "current_date", "current_time", "current_timestamp", "current_localtime", "current_localtimestamp", "get_current_time", "get_current_timestamp",
	"transaction_timestamp", "age", "random", "setseed", "uuid", "gen_random_uuid", "nextval", "currval", "current_setting", "getvariable", "getenv", "txid_current",
	"current_user", "session_user", "user", "current_database", "current_catalog", "current_schema", "current_schemas", "current_query", "in_search_path", "version",
	"read_*", "write_*", "pragma_*", "duckdb_*", "query*", "glob", "sniff_*", "json_execute_serialized_sql", "add_parquet_key", "pg_*",
}

// parameters that a statement may use.
var parameters = []string{"since", "until"}

// A statement is what DuckDB's parser says of a text.
type statement struct {
	parameters []string // used, each once
}

// readStatement judges a text by what DuckDB's parser made of it, as json_serialize_sql returns it: one SELECT over views, and nothing beside. views are the tables that it
// may read.
func readStatement(serialized string, views []string) (statement, error) {
	var st statement
	var doc struct {
		Error      bool   `json:"error"`
		Type       string `json:"error_type"`
		Message    string `json:"error_message"`
		Statements []any  `json:"statements"`
	}
	if err := json.Unmarshal([]byte(serialized), &doc); err != nil {
		return st, fmt.Errorf("read what the parser says: %w", err)
	}
	switch {
	case doc.Error && doc.Type == "not implemented":
		return st, errors.New("is not a SELECT: a policy holds one SELECT (or WITH ... SELECT), which writes, attaches and loads nothing")
	case doc.Error:
		return st, errors.New(doc.Message)
	case len(doc.Statements) != 1:
		return st, fmt.Errorf("has %d statements: a policy holds one SELECT", len(doc.Statements))
	}
	tables := slices.Clone(views)
	walk(doc.Statements[0], func(node map[string]any) error {
		if ctes, ok := node["cte_map"].(map[string]any); ok {
			list, _ := ctes["map"].([]any)
			for _, e := range list {
				if entry, ok := e.(map[string]any); ok {
					tables = append(tables, lower(entry["key"]))
				}
			}
		}
		if name := lower(node["cte_name"]); name != "" { // of a recursive one
			tables = append(tables, name)
		}
		return nil
	})
	err := walk(doc.Statements[0], func(node map[string]any) error {
		switch kind := node["type"]; {
		case kind == "BASE_TABLE":
			name, schema := lower(node["table_name"]), lower(node["schema_name"])
			if schema != "" && schema != "main" || lower(node["catalog_name"]) != "" || !slices.Contains(tables, name) {
				return fmt.Errorf("reads %s, which is none of the views: %s", quoted(strings.Trim(schema+"."+name, ".")), strings.Join(views, ", "))
			}
		case kind == "TABLE_FUNCTION":
			f, _ := node["function"].(map[string]any)
			if name := lower(f["function_name"]); !slices.Contains(tableFunctions, name) {
				return fmt.Errorf("calls %s in FROM: a policy reads views alone, no files and no settings (besides views only %s may stand there)", quoted(name), strings.Join(tableFunctions, ", "))
			}
		case kind == "SHOW_REF":
			return errors.New("is a DESCRIBE, SHOW or SUMMARIZE: a policy holds one SELECT")
		case node["class"] == "PARAMETER":
			name := lower(node["identifier"])
			if !slices.Contains(parameters, name) {
				return fmt.Errorf("uses the parameter $%s: there are $since and $until", name)
			}
			if !slices.Contains(st.parameters, name) {
				st.parameters = append(st.parameters, name)
			}
		case node["class"] == "FUNCTION" || node["class"] == "WINDOW":
			if name := lower(node["function_name"]); isForbidden(name) {
				return fmt.Errorf("calls %s: a policy depends on the rows of the views and on $since and $until alone, so that the same rows give the same alerts", name)
			}
		case node["class"] == "COLUMN_REF":
			names, _ := node["column_names"].([]any)
			// A name without brackets that no column has is tried as a function by DuckDB.
			if len(names) == 1 && strings.HasPrefix(lower(names[0]), "current_") && isForbidden(lower(names[0])) {
				return fmt.Errorf("uses %s: take $until, the run's clock", lower(names[0]))
			}
		}
		if node["sample"] != nil {
			return errors.New("takes a sample: the same rows would not give the same alerts")
		}
		return nil
	})
	return st, err
}

func isForbidden(name string) bool {
	return slices.ContainsFunc(forbidden, func(f string) bool {
		start, all := strings.CutSuffix(f, "*")
		return name == f || all && strings.HasPrefix(name, start)
	})
}

// lower returns a text in lower case, "" for anything else.
func lower(v any) string {
	s, _ := v.(string)
	return strings.ToLower(s)
}

// walk calls f for every object in a JSON value, the outer before the inner, until f returns an error.
func walk(v any, f func(map[string]any) error) error {
	switch x := v.(type) {
	case map[string]any:
		if err := f(x); err != nil {
			return err
		}
		for _, k := range sortedKeys(x) {
			if err := walk(x[k], f); err != nil {
				return err
			}
		}
	case []any:
		for _, e := range x {
			if err := walk(e, f); err != nil {
				return err
			}
		}
	}
	return nil
}

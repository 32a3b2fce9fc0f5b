package store

import "bufio"

// rowWriter writes rows in one format. close writes what the format needs at its end, also when there were no rows.
type rowWriter interface {
	row(cells []cell, i int) error
	close() error
}

func newRowWriter(format string, w *bufio.Writer, cols []exportColumn) rowWriter {
	if format == "csv" {
		return newCSVRows(w, cols)
	}
	j := &jsonRows{w: w, array: format == "json"}
	for i, c := range cols {
		key := []byte{','}
		if i == 0 {
			key[0] = '{'
		}
		j.keys = append(j.keys, append(appendJSONText(key, c.name), ':'))
	}
	return j
}

// csvRows writes RFC 4180 with line feeds. The buffer below keeps the first error of a write and returns it from every later one.
type csvRows struct {
	w    *bufio.Writer
	line []byte
}

func newCSVRows(w *bufio.Writer, cols []exportColumn) *csvRows {
	c := &csvRows{w: w}
	for i, col := range cols {
		if i > 0 {
			c.line = append(c.line, ',')
		}
		c.line = appendCSVText(c.line, csvText(col.name))
	}
	_, _ = c.w.Write(append(c.line, '\n'))
	return c
}

func (c *csvRows) row(cells []cell, i int) error {
	c.line = c.line[:0]
	for k := range cells {
		if k > 0 {
			c.line = append(c.line, ',')
		}
		c.line = cells[k].appendCSV(c.line, i)
	}
	if len(c.line) == 0 { // the one cell of the row is empty; an empty line would be no row to most readers
		c.line = append(c.line, `""`...)
	}
	c.line = append(c.line, '\n')
	_, err := c.w.Write(c.line)
	return err
}

func (c *csvRows) close() error { return nil }

// jsonRows writes one object a row: lines of their own, or an array.
type jsonRows struct {
	w     *bufio.Writer
	keys  [][]byte // with what stands around them
	array bool
	some  bool
	line  []byte
}

func (j *jsonRows) row(cells []cell, i int) error {
	j.line = j.line[:0]
	switch {
	case j.array && j.some:
		j.line = append(j.line, ",\n"...)
	case j.array:
		j.line = append(j.line, "[\n"...)
	}
	j.some = true
	for k := range cells {
		j.line = append(j.line, j.keys[k]...)
		j.line = cells[k].appendJSON(j.line, i)
	}
	j.line = append(j.line, '}')
	if !j.array {
		j.line = append(j.line, '\n')
	}
	_, err := j.w.Write(j.line)
	return err
}

func (j *jsonRows) close() error {
	var err error
	switch {
	case j.array && j.some:
		_, err = j.w.WriteString("\n]\n")
	case j.array:
		_, err = j.w.WriteString("[]\n")
	}
	return err
}

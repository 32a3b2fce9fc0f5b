// Package archive reads files of history: what Zoom's admin portal exports as CSV, rows of Zoom's API kept as JSON, and the sign-in logs of identity
// providers. It turns text into typed rows and bad rows, one at a time, and knows nothing of the database.
//
// What a file holds is read off its content. Zoom documents the API's fields, Okta and Microsoft those of their APIs; the headers of the CSV exports are
// documented by none of them and have changed over the years, so columns are found by the words in their names, whatever the case, blanks and punctuation.
//
// Memory is bounded whatever the file: lines, records and JSON values that are longer than any real one are bad rows or end the file.
package archive

package zoom

import "encoding/json"

// DecodeActivity reads one row of GET /report/activities as Zoom sends it, for rows that come from an archive. It is as lenient as the client: the error says
// what is wrong with the row.
func DecodeActivity(row json.RawMessage) (Activity, error) { return decodeActivity(row) }

// DecodeOperation is DecodeActivity for a row of GET /report/operationlogs.
func DecodeOperation(row json.RawMessage) (Operation, error) { return decodeOperation(row) }

// Package ingest lands what a Zoom account did and how it is set up in the database.
//
// Every feed (a value in Feeds) is authorised apart by Zoom and so succeeds or fails apart: a refused feed is marked in meta.feeds with
// what to do about it and keeps what it landed before, the others go on. Reports are read in windows, the oldest first, and a window's rows and its watermark
// are one transaction, so that a run that is stopped at any moment leaves whole windows behind and the next one goes on from there.
//
// Zoom gives its report rows no ids. A row is known by a hash over all of its fields, so reading a window again lands nothing twice; rows that are alike in
// every field, down to the second, count as one.
//
// There are four kinds of feeds:
//
//   - reports, which Zoom serves by window: sign-ins, operations, past meetings, ...
//   - listings, which are read whole: users, roles, groups, apps, ... What a listing that was read to its end holds no more is marked as removed.
//   - settings, of which a version is kept for every change
//   - visits, which cost a call for every user, meeting, group, channel or window: the queries in due/ say which of them are worth a call now, meta.visits remembers
//     how each went, and a run makes as many as its time and the day's quota allow
//
// What is kept of a row stands in tables.go, column by column, and nothing else of it is: Zoom's rows also hold passcodes and links that open recordings.
//
// Feeds are read in stages, those of a stage side by side as far as they are under different rate limits.
//
// Import lands the same rows from files, and failed sign-ins of identity providers. Where an export tells less than the API does, loose.go says which row stays.
package ingest

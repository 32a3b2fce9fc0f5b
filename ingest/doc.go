// Package ingest lands what a Zoom account did and how it is set up in the database.
//
// Every feed (users, sign-ins, operations, settings) is authorised apart by Zoom and so succeeds or fails apart: a refused feed is marked in meta.feeds with
// what to do about it and keeps what it landed before, the others go on. Reports are read in windows, the oldest first, and a window's rows and its watermark
// are one transaction, so that a run that is stopped at any moment leaves whole windows behind and the next one goes on from there.
//
// Zoom gives its report rows no ids. A row is known by a hash over all of its fields, so reading a window again lands nothing twice; rows that are alike in
// every field, down to the second, count as one.
//
// Import lands the same rows from files, and failed sign-ins of identity providers. Where an export tells less than the API does, loose.go says which row stays.
package ingest

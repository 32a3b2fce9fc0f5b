// Package ocsf writes what zoomward finds as events of the Open Cybersecurity Schema Framework (OCSF): a verdict on a setting as Compliance Finding (class 2003), an
// alert as Detection Finding (class 2004). The version is 1.8.0 of 16 March 2026, the latest that is released.
//
// Times are UTC in milliseconds since 1970. The same finding has the same finding_info.uid in every export, so that whoever collects them sees an update and no second
// finding; its activity says which of create, update and close it is. What has no place in the schema stands in unmapped.
package ocsf

// Version is the version of the schema.
const Version = "1.8.0"

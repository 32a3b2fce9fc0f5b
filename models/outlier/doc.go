// Package outlier finds rows unlike the others in a table of numbers, without labels.
//
// Two detectors see different things. An isolation forest (FitForest) asks how few random cuts set a row apart; it needs no shape. A robust covariance (MCD) asks
// how far a row lies from the bulk in the metric of the bulk, so that rows that break a correlation stand out although each of their values is common. LedoitWolf
// is the covariance for tables with few rows for their columns. A Joint ranks a row by both among the rows it was fitted on and joins the two ranks into one
// p-value.
//
// Everything is a pure function of the rows and a seed: the result is the same whatever GOMAXPROCS. Fitted models are plain structs of flat slices; encoding/gob
// keeps them as they are. Columns should be comparable in size for LedoitWolf; the other detectors do not depend on units.
package outlier

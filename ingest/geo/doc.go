// Package geo says where an IP address is and whose network it belongs to, from MMDB files that the user brings. Nothing is shipped: the licences of the common
// databases differ, and what they say of the same address differs more. Without files, or for an address that no file knows, the answer is an explicit unknown.
//
// Two layouts are read, told apart record by record: MaxMind's own (country.iso_code, city.names.en, location.latitude, ...) and the flat one of ip-location-db
// and its like (country_code, city, latitude, ...). Either may hold the network operator (autonomous_system_number, autonomous_system_organization) beside the
// place or in a file of its own.
package geo

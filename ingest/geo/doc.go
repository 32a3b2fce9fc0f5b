// Package geo says where an IP address is and whose network it belongs to, from MMDB files and lists that the user brings. Nothing is shipped: the licences of the common
// databases differ, and what they say of the same address differs more. Without files, or for an address that no file knows, the answer is an explicit unknown.
//
// Every layout is told apart record by record: the nested one of MaxMind and DB-IP (country.iso_code, city.names.en, location.latitude, traits.user_type, ...), the
// flat ones of IPinfo (country_code, lat as text, asn "AS64500", as_name, ...) and ip-location-db (country_code, latitude, autonomous_system_number, ...), and the
// flags of files about anonymous networks (is_tor_exit_node, vpn, ...), which become tags. A file may hold any mixture.
//
// Beside databases there are lists: text files of addresses, networks or autonomous systems with the tags that the user gives them. An address has the tags of
// every database and list that holds it, and one category, the strongest that holds. Update fetches and replaces files.
package geo

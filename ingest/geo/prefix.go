package geo

import (
	"net/netip"
	"strings"
)

// Bits of the network that Prefix reports: what is given to one site, by common practice (RFC 6177 for IPv6).
const (
	prefixBits4 = 24
	prefixBits6 = 48
)

// Parse reads an address as Zoom writes it. It returns the invalid address for anything else; Lookup knows nothing of that one.
func Parse(s string) netip.Addr {
	a, err := netip.ParseAddr(strings.TrimSpace(s))
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap().WithZone("")
}

// Prefix returns the /24 (IPv4) or /48 (IPv6) that an address lies in, "" for what is no address.
func Prefix(addr string) string {
	a := Parse(addr)
	if !a.IsValid() {
		return ""
	}
	bits := prefixBits4
	if a.Is6() {
		bits = prefixBits6
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return ""
	}
	return p.String()
}

package geo

import "net/netip"

// sharedSpace is the block that carriers use between their customers and their address translation (RFC 6598).
var sharedSpace = netip.MustParsePrefix("100.64.0.0/10")

// category says what kind of network an address is in. Lists of networks, when there are any, are asked here.
func category(addr netip.Addr, known bool) string {
	// A database that knows a private address was made for this account's own network: its word counts.
	if !known && (addr.IsPrivate() || addr.IsLoopback() || addr.IsLinkLocalUnicast() || sharedSpace.Contains(addr)) {
		return CategoryPrivate
	}
	return CategoryUnknown
}

package geo

import (
	"net/netip"
	"slices"
)

// Categories of networks, in the order of their precedence: of all that hold for an address, Place has the first.
const (
	// CategoryCorporate is the user's own networks, as the config says. No database or tag can claim it.
	CategoryCorporate = "corporate"
	// CategoryVPN is the exits of the user's own VPN, as the config says; VPN services that anybody can buy count as proxies.
	CategoryVPN = "vpn"
	// CategoryTor is exits of the Tor network.
	CategoryTor = "tor"
	// CategoryProxy is open, residential and commercial proxies and VPN services.
	CategoryProxy = "proxy"
	// CategoryThreat is addresses that a threat feed names.
	CategoryThreat = "threat"
	// CategoryHosting is data centres and clouds.
	CategoryHosting = "hosting"
	// CategoryMobile is mobile carriers.
	CategoryMobile = "mobile"
	// CategoryISP is access providers for homes and offices.
	CategoryISP = "isp"
	// CategoryPrivate is an address that is not routed on the internet and that no database knows.
	CategoryPrivate = "private"
	// CategoryUnknown says that nothing tells what the network is used for.
	CategoryUnknown = "unknown"
)

// precedence lists the categories, the strongest first.
var precedence = []string{CategoryCorporate, CategoryVPN, CategoryTor, CategoryProxy, CategoryThreat, CategoryHosting, CategoryMobile, CategoryISP,
	CategoryPrivate, CategoryUnknown}

// ListCategories returns the categories that a list may be given, the strongest first.
func ListCategories() []string { return slices.Clone(precedence[:8]) }

// tagCategories says which category a tag stands for. The tags corporate and vpn stand for none: a list that anybody published must not make a network one's own.
var tagCategories = map[string]string{
	TagTor: CategoryTor, TagProxy: CategoryProxy, TagResidentialProxy: CategoryProxy, TagAnonymousVPN: CategoryProxy, "vpn": CategoryProxy,
	"threat": CategoryThreat, TagHosting: CategoryHosting, TagMobile: CategoryMobile, TagISP: CategoryISP,
}

// categoryOfTags returns the strongest category that tags stand for, CategoryUnknown for none.
func categoryOfTags(tags []string) string {
	best := CategoryUnknown
	for _, t := range tags {
		best = stronger(best, tagCategories[t])
	}
	return best
}

// stronger returns the category that takes precedence; "" is weaker than all.
func stronger(a, b string) string {
	if b == "" || slices.Index(precedence, a) <= slices.Index(precedence, b) {
		return a
	}
	return b
}

// sharedSpace is the block that carriers use between their customers and their address translation (RFC 6598).
var sharedSpace = netip.MustParsePrefix("100.64.0.0/10")

// isPrivate tells addresses that are not routed on the internet.
func isPrivate(a netip.Addr) bool {
	return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || sharedSpace.Contains(a)
}

package zoomtest

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"sync"
)

// Kinds of Network.
const (
	NetworkOffice  = "office"  // a site of the company
	NetworkVPN     = "vpn"     // the company's own egress
	NetworkHome    = "home"    // residential line
	NetworkMobile  = "mobile"  // carrier
	NetworkHotel   = "hotel"   // hotel guests
	NetworkPublic  = "public"  // airport or cafe
	NetworkHosting = "hosting" // cloud provider
	NetworkRelay   = "relay"   // privacy relay of a browser: of the user's country and time zone
)

// A Network is a block of simulated addresses with its place and owner. No address is globally routable: IPv4 comes from
// 198.18.0.0/15 (RFC 2544), 100.64.0.0/10 (RFC 6598) and 240.0.0.0/4 (RFC 1112), IPv6 from 2001:db8::/32 (RFC 3849);
// AS numbers from the private range of RFC 6996.
type Network struct {
	Prefix       netip.Prefix
	Kind         string
	Country      string // ISO 3166-1 alpha-2
	City         string
	Lat, Lon     float64
	RadiusKM     int // accuracy radius
	ASN          uint32
	Organization string

	city int
}

// Sizes of the plan: how many of each kind a city has.
const (
	homeProviders  = 3
	homeSuburbs    = 4
	mobileCarriers = 2
	hotels         = 2
	publics        = 2
	egresses       = 3
	officePool     = 6 // addresses behind which an office hides
	egressPool     = 4
	hotelPool      = 5
	hostingPool    = 200
)

// egressCities is where the company's VPN comes out: New York, Amsterdam, Singapore.
var egressCities = [egresses]int{0, 10, 9}

const firstPrivateASN = 4200000000

// networks is the address plan: every block by what it is, and all of them for the location database.
type networks struct {
	home    [][homeProviders][homeSuburbs]*Network // by city
	mobile  [][mobileCarriers][2]*Network          // by city and carrier: IPv4, IPv6
	hotel   [][hotels]*Network
	public  [][publics]*Network
	hosting []*Network
	relay   []*Network
	office  [officeCities]*Network
	vpn     [egresses]*Network
	all     []*Network
}

func v4(base uint32) netip.Addr {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], base)
	return netip.AddrFrom4(b)
}

// addressPlan is the same for every company and never changes.
var addressPlan = sync.OnceValue(newNetworks)

func newNetworks() *networks {
	n := &networks{
		home: make([][homeProviders][homeSuburbs]*Network, len(cities)), mobile: make([][mobileCarriers][2]*Network, len(cities)),
		hotel: make([][hotels]*Network, len(cities)), public: make([][publics]*Network, len(cities)), hosting: make([]*Network, len(cities)), relay: make([]*Network, len(cities)),
	}
	asns := map[string]uint32{}
	add := func(kind string, at int, prefix netip.Prefix, dLat, dLon float64, radius int, org string) *Network {
		asn, ok := asns[org]
		if !ok {
			asn = firstPrivateASN + uint32(len(asns)) + 1
			asns[org] = asn
		}
		c := cities[at]
		w := &Network{Prefix: prefix, Kind: kind, Country: c.country, City: c.name, Lat: c.lat + dLat, Lon: c.lon + dLon, RadiusKM: radius, ASN: asn, Organization: org, city: at}
		n.all = append(n.all, w)
		return w
	}
	const benchmark, shared, classE = 198<<24 | 18<<16, 100<<24 | 64<<16, 240 << 24
	for i, c := range cities {
		for isp := range homeProviders {
			for suburb := range homeSuburbs {
				base := uint32(classE + (i*homeProviders+isp)<<16 + suburb<<14)
				n.home[i][isp][suburb] = add(NetworkHome, i, netip.PrefixFrom(v4(base), 18), 0.06*float64(suburb), -0.05*float64(suburb), 20+10*isp, fmt.Sprintf("Example Broadband %s %d", c.country, isp+1))
			}
		}
		for k := range mobileCarriers {
			org := fmt.Sprintf("Example Mobile %s %d", c.country, k+1)
			n.mobile[i][k][0] = add(NetworkMobile, i, netip.PrefixFrom(v4(uint32(shared+(i*mobileCarriers+k)<<15)), 17), 0, 0, 100, org)
			six := netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, byte(i), byte(k)})
			n.mobile[i][k][1] = add(NetworkMobile, i, netip.PrefixFrom(six, 48), 0, 0, 200, org)
		}
		for k := range hotels {
			n.hotel[i][k] = add(NetworkHotel, i, netip.PrefixFrom(v4(uint32(benchmark+(i*4+k)<<8)), 24), 0.01*float64(k), 0.01, 10, fmt.Sprintf("Example Hospitality %s", c.country))
		}
		for k := range publics {
			n.public[i][k] = add(NetworkPublic, i, netip.PrefixFrom(v4(uint32(benchmark+(i*4+hotels+k)<<8)), 24), 0.1*float64(k), 0, 10, fmt.Sprintf("Example Public Wireless %s", c.country))
		}
		n.hosting[i] = add(NetworkHosting, i, netip.PrefixFrom(v4(uint32(benchmark+1<<16+i<<8)), 24), 0, 0.1, 50, fmt.Sprintf("Example Cloud %s", c.continent))
	}
	for i := range officeCities {
		n.office[i] = add(NetworkOffice, i, netip.PrefixFrom(v4(uint32(benchmark+(128+i)<<8)), 24), 0, 0, 5, "Example Company")
	}
	for k, at := range egressCities {
		n.vpn[k] = add(NetworkVPN, at, netip.PrefixFrom(v4(uint32(benchmark+(192+k)<<8)), 24), 0, 0, 20, "Example Company Secure Access")
	}
	for i := range cities {
		n.relay[i] = add(NetworkRelay, i, netip.PrefixFrom(v4(uint32(benchmark+1<<16+(128+i)<<8)), 24), 0.05, 0, 100, "Example Privacy Relay")
	}
	return n
}

// address picks a host of the network by hash; pool bounds how many hosts are in use, 0 means all.
func (w *Network) address(h uint64, pool uint64) netip.Addr {
	if w.Prefix.Addr().Is6() {
		b := w.Prefix.Addr().As16()
		binary.BigEndian.PutUint16(b[6:], uint16(h>>48))
		binary.BigEndian.PutUint64(b[8:], mix(h))
		return netip.AddrFrom16(b)
	}
	b := w.Prefix.Addr().As4()
	size := uint64(1)<<(32-w.Prefix.Bits()) - 2
	if pool > 0 && pool < size {
		size = pool
	}
	return v4(binary.BigEndian.Uint32(b[:]) + 1 + uint32(h%size))
}

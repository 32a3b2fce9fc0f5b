package zoomtest

import (
	"fmt"
	"io"
	"net"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
)

// MMDBType is the database type that WriteMMDB records in the file.
const MMDBType = "zoomtest-City-ASN"

// WriteMMDB writes a location database of every simulated network: the records of a GeoIP2 City database with the two fields of
// an ASN database beside them. The bytes depend on the account's End only.
func (c *Company) WriteMMDB(w io.Writer) error {
	tree, err := mmdbwriter.New(mmdbwriter.Options{
		DatabaseType:            MMDBType,
		Description:             map[string]string{"en": "Simulated networks of a simulated company"},
		Languages:               []string{"en"},
		BuildEpoch:              c.opt.End.Unix(),
		RecordSize:              24,
		IncludeReservedNetworks: true,
	})
	if err != nil {
		return fmt.Errorf("create location database: %w", err)
	}
	for _, n := range c.nets.all {
		a := n.Prefix.Addr()
		block := &net.IPNet{IP: a.AsSlice(), Mask: net.CIDRMask(n.Prefix.Bits(), a.BitLen())}
		if err := tree.Insert(block, n.record()); err != nil {
			return fmt.Errorf("insert network %s: %w", n.Prefix, err)
		}
	}
	if _, err := tree.WriteTo(w); err != nil {
		return fmt.Errorf("write location database: %w", err)
	}
	return nil
}

func names(en string) mmdbtype.Map { return mmdbtype.Map{"en": mmdbtype.String(en)} }

func (n *Network) record() mmdbtype.Map {
	at := cities[n.city]
	country := mmdbtype.Map{"iso_code": mmdbtype.String(at.country), "names": names(at.countryName)}
	return mmdbtype.Map{
		"city":               mmdbtype.Map{"names": names(at.name)},
		"continent":          mmdbtype.Map{"code": mmdbtype.String(at.continent), "names": names(continentNames[at.continent])},
		"country":            country,
		"registered_country": country,
		"location": mmdbtype.Map{
			"accuracy_radius": mmdbtype.Uint16(n.RadiusKM),
			"latitude":        mmdbtype.Float64(n.Lat),
			"longitude":       mmdbtype.Float64(n.Lon),
			"time_zone":       mmdbtype.String(at.zone),
		},
		"autonomous_system_number":       mmdbtype.Uint32(n.ASN),
		"autonomous_system_organization": mmdbtype.String(n.Organization),
	}
}

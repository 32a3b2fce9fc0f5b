package posture

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/zoomward/zoomward/store"
)

// Domain is a mail domain that Zoom lists for the account.
type Domain struct {
	Kind   string // managed or trusted
	Domain string
	Status string // what Zoom says of a managed one: verified, or something else
}

// domainPrefix marks a path that is a list of domains rather than a setting.
const domainPrefix = "domains."

// domainLists are the lists that controls may assert on.
var domainLists = map[string]func(Domain) bool{
	"domains.managed":        func(d Domain) bool { return d.Kind == "managed" },
	"domains.unverified":     func(d Domain) bool { return d.Kind == "managed" && !strings.EqualFold(d.Status, "verified") },
	"domains.trusted":        func(d Domain) bool { return d.Kind == "trusted" },
	"domains.trusted_public": func(d Domain) bool { return d.Kind == "trusted" && publicMail(d.Domain) },
}

// publicMailDomains give an address to anybody who asks: to trust one is to trust everybody. The largest providers, by no means all.
var publicMailDomains = strings.Fields(`
	gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com ymail.com rocketmail.com aol.com icloud.com me.com mac.com
	proton.me protonmail.com pm.me tutanota.com tuta.com gmx.com gmx.net gmx.de gmx.at gmx.ch web.de t-online.de freenet.de mail.com zoho.com fastmail.com hey.com
	orange.fr laposte.net free.fr libero.it seznam.cz wp.pl o2.pl onet.pl mail.ru bk.ru yandex.ru yandex.com rambler.ru ukr.net
	qq.com foxmail.com 163.com 126.com sina.com yeah.net naver.com daum.net hanmail.net rediffmail.com uol.com.br bol.com.br comcast.net verizon.net att.net`)

// publicMail says whether a trusted domain is one of a mail provider for everybody, a national spelling of one (yahoo.co.uk), or a wildcard.
func publicMail(domain string) bool {
	domain = strings.ToLower(strings.Trim(strings.TrimSpace(domain), "."))
	if strings.Contains(domain, "*") || !strings.Contains(domain, ".") {
		return true // every domain, or every one below a top-level domain
	}
	brand, _, _ := strings.Cut(domain, ".")
	return slices.Contains(publicMailDomains, domain) || slices.Contains([]string{"yahoo", "hotmail", "live", "outlook", "ymail"}, brand)
}

// domainList evaluates a comparison on a list of domains.
func (ev *evaluation) domainList(e *Expr) outcome {
	if o, no := ev.refused(FeedDomains); no {
		return o
	}
	if len(ev.in.Domains) == 0 && ev.in.Feeds[FeedDomains].State != FeedOK {
		return ev.absentFrom(FeedDomains, "the list of domains")
	}
	if e.Path == "domains.unverified" && !slices.ContainsFunc(ev.in.Domains, domainLists["domains.managed"]) {
		return unknownFor(causeNothing, "the account has no managed domain")
	}
	list := []string{} // an account without any has an empty list, which is something else than none read
	for _, d := range ev.in.Domains {
		if domainLists[e.Path](d) {
			list = append(list, d.Domain)
		}
	}
	o := ev.value(e, e.Path, list)
	if o.truth != unknown {
		o.reasons = []string{fmt.Sprintf("%s: %s", strings.ReplaceAll(strings.TrimPrefix(e.Path, domainPrefix), "_", " ")+" domains", showList(list))}
	}
	return o
}

// companyDomains is the parameter that names the company's own domains. Left empty, those that Zoom has verified for the account take its place.
const companyDomains = "company_domains"

func (in *Input) verifiedDomains() []string {
	list := in.ManagedDomains[:len(in.ManagedDomains):len(in.ManagedDomains)]
	for _, d := range in.Domains {
		if domainLists["domains.managed"](d) && !domainLists["domains.unverified"](d) {
			list = appendNew(list, d.Domain)
		}
	}
	return list
}

func readDomains(ctx context.Context, q store.Querier, in *Input) error {
	var rows struct {
		Kind   []string `col:"kind"`
		Domain []string `col:"domain"`
		Status []string `col:"status"`
	}
	if err := q.Read(ctx, &rows, query("domains")); err != nil {
		return err
	}
	for i := range rows.Kind {
		in.Domains = append(in.Domains, Domain{Kind: rows.Kind[i], Domain: rows.Domain[i], Status: rows.Status[i]})
	}
	in.ManagedDomains = in.verifiedDomains()
	return nil
}

package features

import (
	"fmt"
	"strings"
)

// borderList holds the countries (ISO 3166-1 alpha-2) that share a border by land, each pair once. The last lines are crossings that feel like one: the bridge or causeway between
// Bahrain and Saudi Arabia, Denmark and Sweden, Hong Kong and Macao, Malaysia and Singapore, and the tunnel between France and Great Britain.
const borderList = `
AD ES FR
AE OM SA
AF CN IR PK TJ TM UZ
AL GR ME MK XK
AM AZ GE IR TR
AO CD CG NA ZM
AR BO BR CL PY UY
AT CH CZ DE HU IT LI SI SK
AZ GE IR RU TR
BA HR ME RS
BD IN MM
BE DE FR LU NL
BF BJ CI GH ML NE TG
BG GR MK RO RS TR
BI CD RW TZ
BJ NE NG TG
BN MY
BO BR CL PE PY
BR CO GF GY PE PY SR UY VE
BT CN IN
BW NA ZA ZM ZW
BY LT LV PL RU UA
BZ GT MX
CA US
CD CF CG RW SS TZ UG ZM
CF CG CM SD SS TD
CG CM GA
CH DE FR IT LI
CI GH GN LR ML
CL PE
CM GA GQ NG TD
CN HK IN KG KP KZ LA MM MN MO NP PK RU TJ VN
CO EC PA PE VE
CR NI PA
CZ DE PL SK
DE DK FR LU NL PL
DJ ER ET SO
DO HT
DZ EH LY MA ML MR NE TN
EC PE
EE LV RU
EG IL LY PS SD
EH MA MR
ER ET SD
ES FR GI MA PT
ET KE SD SO SS
FI NO RU SE
FR IT LU MC
GA GQ
GB IE
GE RU TR
GF SR
GH TG
GM SN
GN GW LR ML SL SN
GR MK TR
GT HN MX SV
GW SN
GY SR VE
HN NI SV
HR HU ME RS SI
HU RO RS SI SK UA
ID MY PG TL
IL JO LB PS SY
IN MM NP PK
IQ IR JO KW SA SY TR
IR PK TM TR
IT SI SM VA
JO PS SA SY
KE SO SS TZ UG
KG KZ TJ UZ
KH LA TH VN
KP KR RU
KW SA
KZ RU TM UZ
LA MM TH VN
LB SY
LR SL
LS ZA
LT LV PL RU
LV RU
LY NE SD TD TN
MD RO UA
ME RS XK
MF SX
MK RS XK
ML MR NE SN
MM TH
MN RU
MR SN
MW MZ TZ ZM
MX US
MY TH
MZ SZ TZ ZA ZM ZW
NA ZA ZM
NE NG TD
NG TD
NO RU SE
OM SA YE
PL RU SK UA
QA SA
RO RS UA
RS XK
RU UA
RW TZ UG
SA YE
SD SS TD
SK UA
SS UG
SY TR
SZ ZA
TJ UZ
TM UZ
TZ UG ZM
ZA ZW
ZM ZW
BH SA
DK SE
FR GB
HK MO
MY SG
`

// borders holds every pair of borderList both ways.
var borders = func() map[[2]string]bool {
	out := map[[2]string]bool{}
	for line := range strings.Lines(strings.TrimSpace(borderList)) {
		codes := strings.Fields(line)
		for _, other := range codes[1:] {
			if codes[0] == other || out[[2]string{codes[0], other}] {
				panic(fmt.Sprintf("the border between %s and %s stands twice, or is none", codes[0], other))
			}
			out[[2]string{codes[0], other}], out[[2]string{other, codes[0]}] = true, true
		}
	}
	return out
}()

// Bordering says whether two countries, as ISO 3166-1 alpha-2 codes, are the same or next to each other. Databases often place addresses near a border on the wrong side, and
// mobile networks reach across, so that a step over a border is no journey.
func Bordering(a, b string) bool { return a == b || borders[[2]string{a, b}] }

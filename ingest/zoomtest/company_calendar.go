package zoomtest

import "time"

const secondsPerDay = 24 * 60 * 60

// dayNumber counts UTC days since 1970-01-01.
func dayNumber(t time.Time) int { return floorDiv(t.Unix(), secondsPerDay) }

func floorDiv(a, b int64) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return int(q)
}

func dayTime(day int) time.Time { return time.Unix(int64(day)*secondsPerDay, 0).UTC() }

// weekday is that of a day number; 1970-01-01 was a Thursday.
func weekday(day int) time.Weekday { return time.Weekday(((day+4)%7 + 7) % 7) }

// fixedHolidays are public holidays that fall on the same date every year, as month*100+day.
var fixedHolidays = map[string][]int{
	"US": {101, 619, 704, 1111, 1225}, "GB": {101, 1225, 1226}, "DE": {101, 501, 1003, 1225, 1226}, "IN": {126, 815, 1002, 1225},
	"JP": {101, 211, 429, 503, 504, 505, 811, 1103, 1123}, "BR": {101, 421, 501, 907, 1012, 1102, 1115, 1225},
	"FR": {101, 501, 508, 714, 815, 1101, 1111, 1225}, "NL": {101, 427, 1225, 1226}, "SG": {101, 501, 809, 1225},
	"AU": {101, 126, 425, 1225, 1226}, "CA": {101, 701, 930, 1225, 1226}, "PL": {101, 106, 501, 503, 815, 1101, 1111, 1225, 1226},
	"ES": {101, 106, 501, 815, 1012, 1101, 1206, 1208, 1225}, "SA": {222, 923},
}

// goodFriday and easterMonday list the countries that rest on these days.
var (
	goodFriday   = map[string]bool{"GB": true, "DE": true, "IN": true, "BR": true, "SG": true, "AU": true, "CA": true, "ES": true}
	easterMonday = map[string]bool{"GB": true, "DE": true, "FR": true, "NL": true, "AU": true, "PL": true}
)

// thanksgiving marks countries with a Thursday in November off: the fourth.
const thanksgiving = "US"

// holidays returns the public holidays of a country between two day numbers.
func holidays(country string, from, to int) map[int]bool {
	out := map[int]bool{}
	for year := dayTime(from).Year(); year <= dayTime(to).Year(); year++ {
		for _, md := range fixedHolidays[country] {
			out[dayNumber(time.Date(year, time.Month(md/100), md%100, 0, 0, 0, 0, time.UTC))] = true
		}
		easter := easterSunday(year)
		if goodFriday[country] {
			out[easter-2] = true
		}
		if easterMonday[country] {
			out[easter+1] = true
		}
		if country == thanksgiving {
			first := dayNumber(time.Date(year, time.November, 1, 0, 0, 0, 0, time.UTC))
			out[first+(int(time.Thursday)-int(weekday(first))+7)%7+21] = true
		}
	}
	return out
}

// easterSunday is the anonymous Gregorian computus (Meeus, Astronomical Algorithms, chapter 8).
func easterSunday(year int) int {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 19*l) / 433
	month := (h + l - 7*m + 90) / 25
	day := (h + l - 7*m + 33*month + 19) % 32
	return dayNumber(time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC))
}

// quarterEnd says whether a day is among the last five of a calendar quarter.
func quarterEnd(day int) bool {
	t, later := dayTime(day), dayTime(day+5)
	return t.Month() != later.Month() && t.Month()%3 == 0
}

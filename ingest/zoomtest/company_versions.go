package zoomtest

import "fmt"

// Client types as GET /report/activities writes them; index 0 is a row without one.
const (
	clientNone = iota
	clientBrowser
	clientWindows
	clientMac
	clientIOS
	clientAndroid
	clientCount
)

var clientTypes = [clientCount]string{"", "Browser", "Windows", "Mac", "iOS", "Android"}

// clientSuffix is how the users list spells a client: 5.9.6.4993(mac).
var clientSuffix = [clientCount]string{"", "", "win", "mac", "ios", "android"}

const (
	daysPerRelease = 34
	firstRelease   = 19716 // 2023-12-25, day number of version 6.0.0
)

// versions is the release history of the clients up to a day.
type versions struct {
	names [clientCount][]string
}

func newVersions(last int) *versions {
	v := &versions{}
	n := max(1, (last-firstRelease)/daysPerRelease+1)
	for client := clientBrowser; client < clientCount; client++ {
		for i := range n {
			build := 1000 + i*611 + client*37
			v.names[client] = append(v.names[client], fmt.Sprintf("6.%d.%d.%d", i/3, i%3*5, build))
		}
	}
	return v
}

// at is the version of a client that was released lag days before a day.
func (v *versions) at(client, day, lag int) string {
	if client == clientNone {
		return ""
	}
	i := (day - lag - firstRelease) / daysPerRelease
	return v.names[client][min(max(i, 0), len(v.names[client])-1)]
}

package models

import "testing"

func TestProgrammatic(t *testing.T) {
	for _, x := range []struct {
		client, version string
		want            bool
	}{
		{"Windows", "6.3.10 (3501)", false},
		{"Mac", "6.3.0", false},
		{"iOS", "6.3.0", false},
		{"iPhone", "6.3.0", false},
		{"Android", "", false},
		{"ZoomRooms", "6.2.5", false},
		{"Zoom Rooms", "6.2.5", false},
		{"Windows_VDI", "6.1", false},
		{"Browser", "", false},
		{"", "6.3.0", false},     // nothing is said of the client
		{"axios", "1.6.8", true}, // holds "ios"
		{"curl", "8.1", true},    //
		{"cobweb", "2.0", true},  // holds "web"
		{"zoomus-python", "1.2.1", true},
		{"zoom-cli", "1.0", true}, // a program may call itself Zoom's
		{"HeadlessChrome", "126.0", true},
		{"python-requests (Linux)", "2.32.3", true},
		{"Browser", "HeadlessChrome", true},
	} {
		if got := programmatic(x.client, x.version); got != x.want {
			t.Errorf("%q %q: %v", x.client, x.version, got)
		}
	}
}

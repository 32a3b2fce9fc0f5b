package zoomtest

import (
	"fmt"
	"time"
)

// recordingDays is how long a recording is kept, as the account's settings say; trashDays is how long Zoom keeps a deleted one.
const (
	recordingDays = 120
	trashDays     = 30
)

// How the secrets of the meetings of every simulated account begin: passcodes of recordings and of personal rooms, and the paths of links that
// open a recording. A test can look for them where they must not be.
const (
	RecordingPasscode = "sim-pass-"
	RoomPasscode      = "sim-room-"
	DownloadPath      = "/rec/download/"
	PlayPath          = "/rec/play/"
)

// Shares of the recordings.
const (
	sharePublic     = 0.12
	shareNobody     = 0.3
	shareNoPasscode = 0.25 // of the public ones
)

// Recordings returns the cloud recordings that still exist of the meetings that began on a UTC day.
func (c *Company) Recordings(day time.Time) []Recording {
	return c.recordings(c.gatherings(dayNumber(day)), false)
}

// HostRecordings implements Conferences.
func (c *Company) HostRecordings(userID string, day time.Time, trash bool) []Recording {
	p := c.byID(userID)
	if p == nil || !p.host && p.index != 0 {
		return nil
	}
	return c.recordings(c.personGatherings(p, dayNumber(day), false), trash)
}

func (c *Company) recordings(all []*gathering, trash bool) []Recording {
	var out []Recording
	for _, g := range all {
		if r, ok := c.recording(g); ok && trash != r.Deleted.IsZero() {
			out = append(out, r)
		}
	}
	return out
}

// Recording implements Conferences.
func (c *Company) Recording(uuid string) (Recording, bool) {
	g := c.find(uuid)
	if g == nil {
		return Recording{}, false
	}
	r, ok := c.recording(g)
	return r, ok && r.Deleted.IsZero()
}

// recording returns a meeting's cloud recording while Zoom has it, in the trash included.
func (c *Company) recording(g *gathering) (Recording, bool) {
	expires := g.end + recordingDays*secondsPerDay
	if !g.recorded || g.end >= c.end || expires+trashDays*secondsPerDay < c.end {
		return Recording{}, false
	}
	h := hash(c.opt.Seed, forRecordings, int(g.number), g.local)
	r := Recording{
		Meeting: c.meeting(g), Files: c.files(g), Expires: timeAt(expires), Share: "internally", Passcode: RecordingPasscode + opaque(h, 6), PlayPasscode: opaque(mix(h), 24),
		SignInToView: true, AllowDownload: h>>8%4 == 0, OnDemand: h>>16%20 == 0, ApprovalType: 2, AuthenticationID: "signIn_simRecording000001",
	}
	if expires < c.end {
		r.Deleted = timeAt(expires)
	}
	if r.OnDemand {
		r.ApprovalType = int(h >> 24 % 2)
	}
	switch u := unit(h); {
	case u < sharePublic:
		r.Share, r.SignInToView, r.AuthenticationID = "publicly", false, ""
		if unit(mix(h)) < shareNoPasscode {
			r.Passcode, r.PlayPasscode = "", ""
		}
	case u < sharePublic+shareNobody:
		r.Share = "none"
	}
	return r, true
}

// files are the parts of a recording: pictures and sound, sound alone, and what was said or written.
func (c *Company) files(g *gathering) []RecordingFile {
	h := hash(c.opt.Seed, forRecordings, int(g.number), -g.local)
	length := g.end - g.start - 30
	file := func(n int, typ, extension, kind string, bytesPerSecond float64) RecordingFile {
		x := hash(h, forRecordings, n, 0)
		id := guid(x)
		return RecordingFile{
			ID: id, Type: typ, Extension: extension, Kind: kind, Bytes: int64(float64(length) * bytesPerSecond * (0.7 + 0.6*unit(x))),
			Start: timeAt(g.start + 20), End: timeAt(g.end - 10),
		}
	}
	out := []RecordingFile{
		file(0, "MP4", "MP4", "shared_screen_with_speaker_view", 60_000), file(1, "M4A", "M4A", "audio_only", 8_000),
	}
	if h%2 == 0 {
		out = append(out, file(2, "TRANSCRIPT", "VTT", "audio_transcript", 20))
	}
	if g.chat {
		out = append(out, file(3, "CHAT", "TXT", "chat_file", 1))
	}
	return out
}

// RemoteSupports implements Conferences.
func (c *Company) RemoteSupports(day time.Time) []RemoteSupport {
	var out []RemoteSupport
	for _, g := range c.gatherings(dayNumber(day)) {
		if g.kind != gatherSupport || g.end >= c.end {
			continue
		}
		for _, x := range g.stays {
			if x.who == nil || x.who == g.host {
				continue
			}
			asked := x.join + 20
			begun := asked + int64(hash(c.opt.Seed, forMeetings, int(g.number), 7)%90)
			if begun < x.leave {
				out = append(out, RemoteSupport{
					Meeting: c.meeting(g), Supporter: g.host.name(), SupporterEmail: g.host.email, Supportee: x.who.name(), SupporteeEmail: x.who.email,
					Requested: timeAt(asked), Start: timeAt(begun), End: timeAt(x.leave),
				})
			}
			break
		}
	}
	return out
}

// clockTime writes a length as the dashboard does: 56:03, or 1:02:03 from an hour on.
func clockTime(d time.Duration) string {
	s := int(d / time.Second)
	if s < 3600 {
		return fmt.Sprintf("%02d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60)
}

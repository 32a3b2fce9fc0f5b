package zoomtest

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math/big"
	"math/bits"
	"strconv"
	"sync"
)

// A numbering makes the ids of meetings and channels and reads them back. Ids look random and still say where the thing is to be found, so
// that a request for one id needs no index of a hundred thousand users' meetings. The key follows from the seed; nothing here is a secret.
type numbering struct {
	block         cipher.Block
	shift         uint64
	inverse       uint64
	roomsOnce     *sync.Once
	personalRooms map[int64]*person
}

// Meeting numbers have 11 digits and begin with an 8. They are an affine permutation of [0, numberSpan).
const (
	firstNumber   = 80_000_000_000
	numberSpan    = 10_000_000_000
	numberFactor  = 387_420_489 // 3^18: coprime to numberSpan, and its product with any number of the span stays below 2^63
	numberDays    = 4096        // days are told apart modulo this
	numberSlots   = 16
	seriesSlot    = 10 // from here on a slot is a series, not a day's meeting
	companySeries = numberSlots - 1
)

// Marks of what an id stands for.
const (
	meetingMark = "mtng"
	channelMark = "chan"
)

func newNumbering(seed uint64) numbering {
	var key [16]byte
	binary.BigEndian.PutUint64(key[:], hash(seed, forMeetings, -1, 0))
	binary.BigEndian.PutUint64(key[8:], hash(seed, forMeetings, -1, 1))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err) // only another key length gets here
	}
	inverse := new(big.Int).ModInverse(big.NewInt(numberFactor), big.NewInt(numberSpan))
	return numbering{block: block, shift: hash(seed, forMeetings, -1, 2) % numberSpan, inverse: inverse.Uint64(), roomsOnce: new(sync.Once)}
}

// sealID enciphers what an id stands for.
func (n *numbering) sealID(mark string, a, b int32, c uint32) (id [16]byte) {
	copy(id[:4], mark)
	binary.BigEndian.PutUint32(id[4:], uint32(a))
	binary.BigEndian.PutUint32(id[8:], uint32(b))
	binary.BigEndian.PutUint32(id[12:], c)
	n.block.Encrypt(id[:], id[:])
	return id
}

// openID reads an id made by sealID with the same mark.
func (n *numbering) openID(mark string, id []byte) (a, b int32, c uint32, ok bool) {
	if len(id) != aes.BlockSize {
		return 0, 0, 0, false
	}
	var plain [16]byte
	n.block.Decrypt(plain[:], id)
	if string(plain[:4]) != mark {
		return 0, 0, 0, false
	}
	return int32(binary.BigEndian.Uint32(plain[4:])), int32(binary.BigEndian.Uint32(plain[8:])), binary.BigEndian.Uint32(plain[12:]), true
}

// meetingUUID is base64 of 16 bytes as Zoom writes it: one in 64 begins with a slash.
func (n *numbering) meetingUUID(team, day, seq int) string {
	id := n.sealID(meetingMark, int32(team), int32(day), uint32(seq))
	return base64.StdEncoding.EncodeToString(id[:])
}

func (n *numbering) readMeetingUUID(uuid string) (team, day, seq int, ok bool) {
	raw, err := base64.StdEncoding.Strict().DecodeString(uuid)
	if err != nil {
		return 0, 0, 0, false
	}
	a, b, c, ok := n.openID(meetingMark, raw)
	return int(a), int(b), int(c), ok
}

// channelID is 32 hexadecimal digits.
func (n *numbering) channelID(kind, index int) string {
	id := n.sealID(channelMark, int32(kind), int32(index), 0)
	return hex.EncodeToString(id[:])
}

func (n *numbering) readChannelID(id string) (kind, index int, ok bool) {
	raw, err := hex.DecodeString(id)
	if err != nil {
		return 0, 0, false
	}
	a, b, _, ok := n.openID(channelMark, raw)
	return int(a), int(b), ok && n.channelID(int(a), int(b)) == id
}

// guid spells a hash as a file or participant id: 8-4-4-4-12 hexadecimal digits in capitals.
func guid(h uint64) string {
	const digits = "0123456789ABCDEF"
	b := make([]byte, 0, 36)
	for i := range 32 {
		if i == 8 || i == 12 || i == 16 || i == 20 {
			b = append(b, '-')
		}
		if i == 16 {
			h = mix(h)
		}
		b = append(b, digits[h>>(4*(i%16))&15])
	}
	return string(b)
}

// meetingNumber numbers a meeting by host, local day (0 for a series) and slot.
func (n *numbering) meetingNumber(host, day, slot int) int64 {
	x := (uint64(host)*numberDays+uint64(day&(numberDays-1)))*numberSlots + uint64(slot)
	return firstNumber + int64((x*numberFactor%numberSpan+n.shift)%numberSpan)
}

// readMeetingNumber undoes meetingNumber; day is modulo numberDays.
func (n *numbering) readMeetingNumber(number int64) (host, day, slot int, ok bool) {
	if number < firstNumber || number >= firstNumber+numberSpan {
		return 0, 0, 0, false
	}
	y := (uint64(number-firstNumber) + numberSpan - n.shift) % numberSpan
	high, low := bits.Mul64(y, n.inverse)
	_, x := bits.Div64(high, low, numberSpan)
	return int(x / numberSlots / numberDays), int(x / numberSlots % numberDays), int(x % numberSlots), true
}

// inRoom finds whose personal room has a number, nil for nobody's.
func (c *Company) inRoom(number int64) *person {
	c.numbers.roomsOnce.Do(func() {
		c.numbers.personalRooms = make(map[int64]*person, len(c.people))
		for _, p := range c.people {
			c.numbers.personalRooms[c.personalNumber(p)] = p
		}
	})
	return c.numbers.personalRooms[number]
}

// spaced writes a meeting number as the activity report does: 982 610 0285.
func spaced(number int64) string {
	s := strconv.FormatInt(number, 10)
	if len(s) < 9 {
		return s
	}
	return s[:3] + " " + s[3:len(s)-4] + " " + s[len(s)-4:]
}

package features

// Hash is FNV-1a, 64 bits (Fowler, Noll, Vo): what is drawn by it is drawn the same in every run.
func Hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

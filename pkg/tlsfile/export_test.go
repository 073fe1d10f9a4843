package tlsfile

// LookAlways makes the source look at its files at every handshake.
func (s *Source) LookAlways() { s.held.recheck = 0 }

package bot

// word is what the session's case is called, empty when it is called nothing.
func (s *Session) Word() string {
	if s.Case == nil {
		return ""
	}
	return s.Case.Word
}

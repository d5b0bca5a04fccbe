package media

import (
	"io"
	"os"
	"testing"
	"time"
)

// TestMain lets the test's own program stand in for the child, as it is and in the ways it can go wrong.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 {
		switch os.Args[1] {
		case Command, CommandKeep:
			os.Exit(Child(os.Args[1], os.Stdin, os.Stdout))
		case "hang":
			time.Sleep(time.Hour)
		case "silent":
			os.Exit(0)
		case "chatter":
			os.Stdout.WriteString("<html>no picture</html>")
			os.Exit(0)
		case "panic":
			panic("a fault in a decoder")
		case "alone": // notes that it works, and whether another does meanwhile
			at := os.Getenv("AT")
			if os.Mkdir(at+"/one", 0o700) != nil {
				os.Mkdir(at+"/two", 0o700)
			}
			time.Sleep(20 * time.Millisecond)
			os.Remove(at + "/one")
			io.Copy(os.Stdout, os.Stdin)
			os.Exit(0)
		case "hungry": // a decoder that takes all it can get
			if confine() != nil {
				os.Exit(0)
			}
			var all [][]byte
			for range 512 {
				b := make([]byte, 8<<20)
				for i := 0; i < len(b); i += 4096 {
					b[i] = 1
				}
				all = append(all, b)
			}
			os.Exit(len(all) * 0)
		case "opener": // a decoder that was made to reach out
			if confine() != nil {
				os.Exit(1)
			}
			if _, err := os.Open("/proc/self/status"); err == nil {
				os.Exit(1)
			}
			if data, err := contents(os.Stdin); err != nil || Draw(os.Stdout, data) != nil {
				os.Exit(1)
			}
			os.Exit(0)
		}
	}
	os.Exit(m.Run())
}

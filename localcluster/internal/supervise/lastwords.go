package supervise

import (
	"io"
	"os"
	"regexp"
	"strings"
)

const (
	// tailSize is how much of a log's end is searched: more than a Go panic with its goroutines usually takes.
	tailSize = 256 << 10
	// longestWords keeps a message on one line of a terminal or two.
	longestWords = 300
)

// lastWords returns the line of the log after offset that best tells why its process ended: the last one that reports a
// failure, or else the last one at all. It is empty when there is none.
func lastWords(path string, offset int64) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return ""
	}
	offset = max(offset, info.Size()-tailSize)
	tail, err := io.ReadAll(io.NewSectionReader(file, offset, tailSize))
	if err != nil {
		return ""
	}
	return shorten(withoutHeader(telling(strings.Split(string(tail), "\n"))))
}

// telling picks the line. Later lines tell more than earlier ones, but a panic's first line more than its stack.
func telling(lines []string) string {
	// klog's F and E lines, etcd's levels, and what command lines and the Go runtime print on stderr.
	failure := regexp.MustCompile(`^[FE]\d{4} |^(panic|fatal error|Error|error):|\t(panic|fatal|error)\t|^\{"level":"(panic|fatal|error)"`)
	last := ""
	for i := len(lines) - 1; i >= 0; i-- {
		line := strings.TrimSpace(lines[i])
		if failure.MatchString(line) {
			return line
		}
		if last == "" {
			last = line
		}
	}
	return last
}

// withoutHeader drops what klog puts before a message: severity, time, process and place.
func withoutHeader(line string) string {
	return regexp.MustCompile(`^[IWEF]\d{4} [^\]]*\] `).ReplaceAllString(line, "")
}

func shorten(line string) string {
	if len(line) <= longestWords {
		return line
	}
	return strings.ToValidUTF8(line[:longestWords], "") + "…"
}

package bench

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// cpu returns how many seconds the process has computed, in user mode and in the kernel. What /proc/PID/stat says is the same in hundredths,
// too coarse for a program that is idle. Threads that have ended are missing, which Go's don't do unless they are asked to.
func (r *running) cpu(t *testing.T) float64 {
	t.Helper()
	threads, err := filepath.Glob(r.proc("task/*/schedstat"))
	if err != nil {
		t.Fatalf("find the threads of %s: %v", r.name, err)
	}
	total, err := computed(threads)
	if err != nil {
		t.Fatalf("read the CPU time of %s: %v", r.name, err)
	}
	return total.Seconds()
}

// computed sums up what these files of threads say, without those of threads that have ended since they were listed.
func computed(threads []string) (total time.Duration, err error) {
	alive := false
	for _, path := range threads {
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
			continue
		}
		if err != nil {
			return 0, err
		}
		first, _, _ := strings.Cut(string(text), " ")
		nanoseconds, err := strconv.ParseInt(first, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("understand %s: %w", path, err)
		}
		alive, total = true, total+time.Duration(nanoseconds)
	}
	if !alive {
		return 0, errors.New("no thread is left")
	}
	return total, nil
}

// memory returns resident memory in bytes: VmRSS is that of now, VmHWM the peak since the start.
func (r *running) memory(t *testing.T, field string) int64 {
	t.Helper()
	return kibibytes(t, found(t, r.proc("status"), `(?m)^`+field+`:\s+(\d+) kB$`))
}

func (r *running) proc(name string) string { return fmt.Sprintf("/proc/%d/%s", r.PID(), name) }

func kibibytes(t *testing.T, text string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatalf("understand a size in /proc: %v", err)
	}
	return n << 10
}

package cluster

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// listening is the state LISTEN in /proc/net/tcp.
const listening = "0A"

// loopbacks are 127.0.0.1 and ::1 as /proc/net/tcp and /proc/net/tcp6 write them.
var loopbacks = []string{"0100007F", "00000000000000000000000001000000"}

// listeners returns the local addresses, by socket, on which processes listen.
func listeners(t *testing.T) map[string]string {
	t.Helper()
	addresses := map[string]string{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		file, err := os.Open(table)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		scanner := bufio.NewScanner(file)
		scanner.Scan() // the header
		for scanner.Scan() {
			fields := strings.Fields(scanner.Text())
			if local, state, inode := fields[1], fields[3], fields[9]; state == listening {
				addresses[fmt.Sprintf("socket:[%s]", inode)] = local
			}
		}
		if err := scanner.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return addresses
}

// checkLoopback fails the test when a process listens anywhere but on loopback, and returns the number of its listeners.
func checkLoopback(t *testing.T, name string, pid int, addresses map[string]string) int {
	t.Helper()
	descriptors, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, descriptor := range descriptors {
		target, err := os.Readlink(descriptor)
		if err != nil {
			continue // closed meanwhile
		}
		address, ok := addresses[target]
		if !ok {
			continue
		}
		count++
		host, _, _ := strings.Cut(address, ":")
		if host != loopbacks[0] && host != loopbacks[1] {
			t.Errorf("%s listens on %s, which is not loopback", name, address)
		}
	}
	return count
}

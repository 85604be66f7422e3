//go:build !linux

package supervise

import "syscall"

// processAttributes gives the child a process group of its own, so that Ctrl-C in a terminal reaches only the supervisor,
// which stops the children in order. Only Linux can kill a child when its parent dies.
func processAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}

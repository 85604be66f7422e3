package supervise

import "syscall"

// processAttributes gives the child a process group of its own, so that Ctrl-C in a terminal reaches only the supervisor,
// which stops the children in order, and kills the child when the supervisor dies without having stopped it.
func processAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

package supervise

import (
	"os/exec"
	"runtime"
)

// starter starts processes from one OS thread that lives as long as the supervisor: Linux kills a child with a parent death
// signal when the thread that started it ends, not only when the process does.
type starter struct {
	requests chan startRequest
}

type startRequest struct {
	command *exec.Cmd
	reply   chan error
}

func newStarter() *starter {
	s := &starter{requests: make(chan startRequest)}
	go func() {
		runtime.LockOSThread()
		for request := range s.requests {
			request.reply <- request.command.Start()
		}
	}()
	return s
}

func (s *starter) start(command *exec.Cmd) error {
	reply := make(chan error)
	s.requests <- startRequest{command: command, reply: reply}
	return <-reply
}

// close ends the thread; every child must have ended.
func (s *starter) close() { close(s.requests) }

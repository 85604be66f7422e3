// Package supervise runs child processes: each with a log and a pid file, started again when it ends, stopped in order.
//
// A child goes through two phases. Until Settle, its end is a failure that Failed reports and nobody repairs: a component
// that can't come up at all should end the run with its reason. After Settle, its end is reported and it is started again.
package supervise

import (
	"os/exec"
	"slices"
	"sync"
	"syscall"
	"time"
)

// Process describes a child.
type Process struct {
	// Name names the child in messages.
	Name string
	// Path and Args are the command line.
	Path string
	Args []string
	// Env is added to the environment of the supervisor.
	Env []string
	// LogFile takes stdout and stderr; the one of the last run is kept as LogFile.1.
	LogFile string
	// PIDFile holds the process id while the child runs.
	PIDFile string
	// Advice is told when the process ends before it was settled; it may be empty.
	Advice string
	// StopTimeout is how long the child may take to end after SIGTERM before it is killed.
	StopTimeout time.Duration
}

// Supervisor starts and stops children. Make it with New.
type Supervisor struct {
	restartDelay time.Duration
	report       func(format string, args ...any)
	starter      *starter
	failed       chan error

	mu       sync.Mutex
	children []*Child // in the order of Start; guarded by mu
}

// New returns a supervisor that waits restartDelay before it starts a child again, longer each time it ends soon after.
// It writes one line to report for each restart.
func New(restartDelay time.Duration, report func(format string, args ...any)) *Supervisor {
	return &Supervisor{
		restartDelay: restartDelay,
		report:       report,
		starter:      newStarter(),
		failed:       make(chan error, 1),
	}
}

// Failed delivers the first child's end before it was settled.
func (s *Supervisor) Failed() <-chan error { return s.failed }

// Start runs a process and keeps it running until Stop.
func (s *Supervisor) Start(process Process) (*Child, error) {
	child := &Child{
		process: process,
		backoff: backoff{base: s.restartDelay},
		stop:    make(chan struct{}),
		done:    make(chan struct{}),
	}
	command, err := child.launch(s.starter)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.children = append(s.children, child)
	s.mu.Unlock()
	go s.keep(child, command)
	return child, nil
}

// keep waits for the child's end and starts it again, until it is stopped or fails before it was settled.
func (s *Supervisor) keep(child *Child, command *exec.Cmd) {
	defer close(child.done)
	for {
		reason := child.wait(command)
		if child.stopping() {
			return
		}
		if !child.settled.Load() {
			s.fail(child, reason)
			return
		}
		if command = s.restart(child, reason); command == nil {
			return
		}
	}
}

// restart starts the child again after the delay that it has earned; nil means that it was stopped meanwhile.
func (s *Supervisor) restart(child *Child, reason string) *exec.Cmd {
	for {
		delay := child.backoff.next(time.Since(child.started))
		s.report("%s %s; starting it again in %s", child.process.Name, reason, delay)
		select {
		case <-child.stop:
			return nil
		case <-time.After(delay):
		}
		command, err := child.launch(s.starter)
		if err == nil {
			if child.stopping() { // end may have looked for a process just before there was one
				child.signal(syscall.SIGTERM)
			}
			return command
		}
		reason = "could not be started: " + err.Error()
	}
}

// Stop ends all children, the last started first, and returns when none is left.
func (s *Supervisor) Stop() {
	s.mu.Lock()
	children := slices.Clone(s.children)
	s.mu.Unlock()
	for _, child := range slices.Backward(children) {
		child.end()
	}
	s.starter.close()
}

// end asks the child to end, and kills it when it doesn't in time.
func (c *Child) end() {
	close(c.stop)
	// A child that somebody has stopped can't see SIGTERM before it goes on.
	c.signal(syscall.SIGTERM)
	c.signal(syscall.SIGCONT)
	select {
	case <-c.done:
		return
	case <-time.After(c.process.StopTimeout):
	}
	c.signal(syscall.SIGKILL)
	<-c.done
}

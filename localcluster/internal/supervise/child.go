package supervise

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Child is a process that Start has started.
type Child struct {
	process Process
	backoff backoff
	settled atomic.Bool
	started time.Time // of the present process; used by the keeping goroutine only
	logFrom int64     // where the present process's part of the log begins; as started

	stop chan struct{} // closed when the child shall end for good
	done chan struct{} // closed when it has ended for good

	mu      sync.Mutex
	running *os.Process // nil between two processes; guarded by mu
}

// Settle says that the child has come up: from now on it is started again when it ends.
func (c *Child) Settle() { c.settled.Store(true) }

func (c *Child) stopping() bool {
	select {
	case <-c.stop:
		return true
	default:
		return false
	}
}

// launch starts a process of the child and notes its pid.
func (c *Child) launch(starter *starter) (*exec.Cmd, error) {
	log, err := c.openLog()
	if err != nil {
		return nil, fmt.Errorf("open the log of %s: %w", c.process.Name, err)
	}
	defer log.Close()
	command := exec.Command(c.process.Path, c.process.Args...)
	command.Env = append(os.Environ(), c.process.Env...)
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = processAttributes()
	if err := starter.start(command); err != nil {
		return nil, fmt.Errorf("start %s: %w", c.process.Name, err)
	}
	c.started = time.Now()
	c.mu.Lock()
	c.running = command.Process
	c.mu.Unlock()
	if err := c.notePID(command.Process.Pid); err != nil {
		command.Process.Kill()
		command.Wait()
		return nil, fmt.Errorf("note the pid of %s: %w", c.process.Name, err)
	}
	return command, nil
}

// notePID replaces the pid file in one step: readers never see half a number.
func (c *Child) notePID(pid int) error {
	temporary := c.process.PIDFile + ".new"
	if err := os.WriteFile(temporary, []byte(strconv.Itoa(pid)+"\n"), 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, c.process.PIDFile)
}

// openLog appends to the log of this run; the first process of a run moves the last run's log away.
func (c *Child) openLog() (*os.File, error) {
	if c.started.IsZero() {
		if err := os.Rename(c.process.LogFile, c.process.LogFile+".1"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	log, err := os.OpenFile(c.process.LogFile, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := log.Stat()
	if err != nil {
		log.Close()
		return nil, err
	}
	c.logFrom = info.Size()
	return log, nil
}

// wait returns when the process has ended, with how it ended and what it said last. One that was killed said nothing about it.
func (c *Child) wait(command *exec.Cmd) string {
	command.Wait()
	c.mu.Lock()
	c.running = nil
	c.mu.Unlock()
	os.Remove(c.process.PIDFile)
	reason := "ended (" + command.ProcessState.String() + ")"
	status, ok := command.ProcessState.Sys().(syscall.WaitStatus)
	if ok && status.Signaled() && status.Signal() == syscall.SIGKILL {
		return reason
	}
	if line := lastWords(c.process.LogFile, c.logFrom); line != "" {
		reason += ": " + line
	}
	return reason
}

func (c *Child) signal(signal syscall.Signal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running != nil {
		c.running.Signal(signal)
	}
}

func (s *Supervisor) fail(child *Child, reason string) {
	err := fmt.Errorf("%s %s (its log: %s)", child.process.Name, reason, child.process.LogFile)
	if child.process.Advice != "" {
		err = fmt.Errorf("%w; %s", err, child.process.Advice)
	}
	select {
	case s.failed <- err:
	default: // the first failure is the one to tell; others follow from it
	}
}

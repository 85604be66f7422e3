// Package ports lays the listeners of a cluster out on consecutive loopback ports and checks that they are free.
package ports

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"syscall"
)

// Host is where every component listens, and nowhere else.
const Host = "127.0.0.1"

// Offsets from the port base.
const (
	apiServer = iota
	etcdClient
	etcdPeer
	scheduler
	controllerManager
	count
)

// Random bases lie below the ports that Linux gives to outgoing connections (32768 and up), so that none of those takes a
// port of ours between the check and the component's start.
const (
	lowestRandom  = 20000
	highestRandom = 32000
	// randomTries bounds the search; on a machine with free ports the first try does it.
	randomTries = 200
)

// Layout is the set of ports from one base.
type Layout struct {
	base int
}

// Validate checks a port base; 0 means any.
func Validate(base int) error {
	if base < 0 || base+count-1 > 65535 {
		return fmt.Errorf("--port-base %d: must be 0 (pick free ports) or from 1 to %d", base, 65535-count+1)
	}
	return nil
}

// Pick returns the layout from base, or an error that names the port that is taken and what it is for.
// Base 0 prefers the ports of the last run and picks others when they are taken.
func Pick(base, last int) (Layout, error) {
	if base != 0 {
		layout := Layout{base: base}
		return layout, layout.free()
	}
	if layout := (Layout{base: last}); last != 0 && Validate(last) == nil && layout.free() == nil {
		return layout, nil
	}
	for range randomTries {
		layout := Layout{base: lowestRandom + rand.IntN(highestRandom-lowestRandom)}
		if layout.free() == nil {
			return layout, nil
		}
	}
	return Layout{}, fmt.Errorf("--port-base 0: no %d free ports in a row found from %d to %d", count, lowestRandom, highestRandom)
}

// free returns an error when a port of the layout is taken.
func (l Layout) free() error {
	names := [count]string{"kube-apiserver", "etcd clients", "etcd peers", "kube-scheduler", "kube-controller-manager"}
	for offset, name := range names {
		listener, err := net.Listen("tcp", l.address(offset))
		if errors.Is(err, syscall.EADDRINUSE) {
			return fmt.Errorf("port %d (--port-base+%d, for %s) is in use; choose another --port-base", l.base+offset, offset, name)
		}
		if err != nil {
			return fmt.Errorf("port %d (--port-base+%d, for %s): %w", l.base+offset, offset, name, err)
		}
		listener.Close()
	}
	return nil
}

func (l Layout) address(offset int) string {
	return net.JoinHostPort(Host, strconv.Itoa(l.base+offset))
}

// Base returns the first port.
func (l Layout) Base() int { return l.base }

// APIServer returns the port of kube-apiserver.
func (l Layout) APIServer() int { return l.base + apiServer }

// EtcdClient returns the port etcd serves clients on.
func (l Layout) EtcdClient() int { return l.base + etcdClient }

// EtcdPeer returns the port etcd would serve other members on.
func (l Layout) EtcdPeer() int { return l.base + etcdPeer }

// Scheduler returns the port of kube-scheduler's health and metrics.
func (l Layout) Scheduler() int { return l.base + scheduler }

// ControllerManager returns the port of kube-controller-manager's health and metrics.
func (l Layout) ControllerManager() int { return l.base + controllerManager }

// URL returns the https address of a port.
func URL(port int) string { return "https://" + net.JoinHostPort(Host, strconv.Itoa(port)) }

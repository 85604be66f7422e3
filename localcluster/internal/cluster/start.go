package cluster

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/6ead2ce0/wheelhouse/localcluster/internal/controlplane"
	"github.com/6ead2ce0/wheelhouse/localcluster/internal/fakenodes"
	"github.com/6ead2ce0/wheelhouse/localcluster/internal/progress"
	"github.com/6ead2ce0/wheelhouse/localcluster/internal/supervise"
)

const (
	// stopTimeout is how long a component may take to end; kube-apiserver waits for open requests meanwhile.
	stopTimeout = 10 * time.Second
	// startTimeout ends a start that gets nowhere. It takes seconds on an idle machine.
	startTimeout = 5 * time.Minute
	// requestTimeout bounds each question whether something is ready.
	requestTimeout = 5 * time.Second
)

// run is one cluster on its way up.
type run struct {
	options    Options
	plan       controlplane.Plan
	executable string
	supervisor *supervise.Supervisor
	reporter   *progress.Reporter
}

// start brings the cluster up to where a pod created works. A component that ends meanwhile is the error.
func (r *run) start(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ctx, stop := context.WithTimeout(ctx, startTimeout)
	defer stop()
	go func() {
		select {
		case err := <-r.supervisor.Failed():
			cancel(err)
		case <-ctx.Done():
		}
	}()
	client, err := r.startStorage(ctx)
	if err != nil {
		return err
	}
	return r.startLoops(ctx, client)
}

// startStorage starts etcd and kube-apiserver and waits until the API is served.
func (r *run) startStorage(ctx context.Context) (kubernetes.Interface, error) {
	etcd, err := r.launch(controlplane.Etcd, r.plan.EtcdArgs())
	if err != nil {
		return nil, err
	}
	server, err := r.launch(controlplane.APIServer, r.plan.APIServerArgs())
	if err != nil {
		return nil, err
	}
	config, err := clientcmd.BuildConfigFromFlags("", r.plan.Dir.Kubeconfig())
	if err != nil {
		return nil, fmt.Errorf("read the kubeconfig of the administrator: %w", err)
	}
	config.Timeout = requestTimeout
	config.QPS = -1
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make a client of the API server: %w", err)
	}
	if err := r.reporter.Wait(ctx, controlplane.APIServer, func(ctx context.Context) error {
		return apiReady(ctx, client)
	}); err != nil {
		return nil, err
	}
	etcd.Settle()
	server.Settle()
	return client, nil
}

// startLoops starts what works on the API's objects and waits until that has come up.
func (r *run) startLoops(ctx context.Context, client kubernetes.Interface) error {
	since := time.Now()
	group, groupCtx := errgroup.WithContext(ctx)
	r.goAll(groupCtx, group, client, since)
	err := group.Wait()
	if errors.Is(err, context.Canceled) {
		return context.Cause(ctx)
	}
	return err
}

func (r *run) goAll(ctx context.Context, group *errgroup.Group, client kubernetes.Interface, since time.Time) {
	group.Go(func() error {
		return r.bringUp(ctx, controlplane.Scheduler, r.plan.SchedulerArgs(), r.plan.Ports.Scheduler())
	})
	if r.options.Components.Controllers != controlplane.NoControllers {
		group.Go(func() error {
			return r.bringUp(ctx, controlplane.ControllerManager, r.plan.ControllerManagerArgs(), r.plan.Ports.ControllerManager())
		})
	}
	group.Go(func() error { return r.bringUpNodes(ctx, client, since) })
	group.Go(func() error { return r.serviceAccount(ctx, client) })
}

// bringUp starts a component and waits until its own health check passes.
func (r *run) bringUp(ctx context.Context, name string, args []string, port int) error {
	child, err := r.launch(name, args)
	if err != nil {
		return err
	}
	check, err := healthCheck(r.plan.Dir, port)
	if err != nil {
		return err
	}
	if err := r.reporter.Wait(ctx, name, check); err != nil {
		return err
	}
	child.Settle()
	return nil
}

// bringUpNodes makes the nodes, starts their kubelets and waits until pods can run on them.
func (r *run) bringUpNodes(ctx context.Context, client kubernetes.Interface, since time.Time) error {
	if err := fakenodes.Ensure(ctx, client, r.options.Nodes); err != nil {
		return err
	}
	child, err := r.launch(controlplane.Kwok, r.plan.KwokArgs())
	if err != nil {
		return err
	}
	if err := r.reporter.Wait(ctx, fmt.Sprintf("%d nodes", r.options.Nodes), func(ctx context.Context) error {
		return fakenodes.Ready(ctx, client, r.options.Nodes, since)
	}); err != nil {
		return err
	}
	child.Settle()
	return nil
}

// launch starts the component called name: this program's subcommand of that name.
func (r *run) launch(name string, args []string) (*supervise.Child, error) {
	r.reporter.Printf("starting %s", name)
	return r.supervisor.Start(supervise.Process{
		Name:        name,
		Path:        r.executable,
		Args:        append([]string{name}, args...),
		LogFile:     filepath.Join(r.plan.Dir.Logs(), name+".log"),
		PIDFile:     filepath.Join(r.plan.Dir.Run(), name+".pid"),
		Advice:      r.advice(name),
		StopTimeout: stopTimeout,
	})
}

// advice is what to do when the component fails at the start of a cluster that has run before.
func (r *run) advice(name string) string {
	if name == controlplane.Etcd {
		return "if the data in " + r.plan.Dir.Etcd() + " is damaged, remove that folder to begin with an empty cluster"
	}
	return ""
}

// serviceAccount waits for the account that a pod in the namespace default runs as, or makes it when no controller does.
func (r *run) serviceAccount(ctx context.Context, client kubernetes.Interface) error {
	accounts := client.CoreV1().ServiceAccounts(metav1.NamespaceDefault)
	if r.options.Components.Runs("serviceaccount-controller") {
		return r.reporter.Wait(ctx, "service account default/default", func(ctx context.Context) error {
			_, err := accounts.Get(ctx, "default", metav1.GetOptions{})
			return err
		})
	}
	return ensureAccount(ctx, accounts)
}

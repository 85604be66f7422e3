// Package kwok plays the kubelets of a cluster: it runs kwok's controllers, which keep every Node ready and move the pods on
// it from state to state by the stages in the folder stages.
//
// It uses the controllers rather than kwok's own command for two reasons: a fixed identity lets a restarted process take its
// leases over at once, and no server is opened.
package kwok

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/utils/clock"
	"sigs.k8s.io/kwok/pkg/kwok/controllers"
	"sigs.k8s.io/kwok/pkg/log"
	"sigs.k8s.io/kwok/pkg/utils/gotpl"
)

const (
	// identity holds the leases of the nodes; one per cluster, so a restart needs no takeover.
	identity = "localcluster"
	// nodeIP is the address of every node; nothing listens there for kubectl logs and exec.
	nodeIP = "127.0.0.1"
	// unusedCIDR is what kwok would number pods from, if they were not numbered by PodAddress.
	unusedCIDR = "192.0.2.0/24"
	// leaseSeconds is the kubelet's default: a lease is renewed every quarter of it.
	leaseSeconds = 40
	// podWorkers is how many pods change at a time: enough to keep an API server on two cores busy.
	podWorkers  = 16
	nodeWorkers = 4
	// retryInterval paces the wait for an API server that is down.
	retryInterval = time.Second
)

// NewCommand returns the command that plays the kubelets until a signal ends it.
func NewCommand() *cobra.Command {
	var kubeconfig string
	command := &cobra.Command{
		Use:          "kwok",
		Short:        "Keep every Node of a cluster ready and play its pods",
		Args:         cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(*cobra.Command, []string) error {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			return run(ctx, kubeconfig)
		},
	}
	command.Flags().StringVar(&kubeconfig, "kubeconfig", "", "file that tells how to reach the API server")
	return command
}

func run(ctx context.Context, kubeconfig string) error {
	ctx = log.NewContext(ctx, log.NewLogger(os.Stderr, log.LevelWarn))
	client, err := newClient(kubeconfig)
	if err != nil {
		return err
	}
	stages, err := stages()
	if err != nil {
		return err
	}
	controller, err := controllers.NewController(controllers.Config{
		Clock:                     clock.RealClock{},
		TypedClient:               client,
		ManageAllNodes:            true,
		LocalStages:               stages,
		ID:                        identity,
		NodeIP:                    nodeIP,
		CIDR:                      unusedCIDR,
		FuncMap:                   gotpl.FuncMap{"PodAddress": newAddresses().of},
		NodeLeaseDurationSeconds:  leaseSeconds,
		NodeLeaseParallelism:      nodeWorkers,
		NodePlayStageParallelism:  nodeWorkers,
		PodPlayStageParallelism:   podWorkers,
		PodsOnNodeSyncParallelism: nodeWorkers,
	})
	if err != nil {
		return fmt.Errorf("make the kwok controllers: %w", err)
	}
	if err := dropLeases(ctx, client); err != nil {
		return err
	}
	if err := controller.Start(ctx); err != nil {
		return fmt.Errorf("start the kwok controllers: %w", err)
	}
	<-ctx.Done()
	return nil
}

// dropLeases removes the leases of an earlier process, once the API server answers. kwok makes new ones at once; finding old
// ones before its cache has them would cost it a quarter of a lease, in which no pod would move.
func dropLeases(ctx context.Context, client kubernetes.Interface) error {
	leases := client.CoordinationV1().Leases(corev1.NamespaceNodeLease)
	err := wait.PollUntilContextCancel(ctx, retryInterval, true, func(ctx context.Context) (bool, error) {
		err := leases.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{})
		if err != nil {
			fmt.Fprintf(os.Stderr, "still waiting to drop the leases of nodes: %v\n", err)
		}
		return err == nil, nil
	})
	if err != nil {
		return fmt.Errorf("drop the leases of nodes: %w", err)
	}
	return nil
}

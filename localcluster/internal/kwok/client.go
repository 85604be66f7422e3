package kwok

import (
	"fmt"
	"net/http"
	"syscall"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// newClient returns a client without a rate limit of its own that talks protobuf.
func newClient(kubeconfig string) (kubernetes.Interface, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("--kubeconfig: %w", err)
	}
	config.QPS = -1
	config.ContentType = runtime.ContentTypeProtobuf
	config.AcceptContentTypes = runtime.ContentTypeProtobuf + "," + runtime.ContentTypeJSON
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return retriable{next} })
	return kubernetes.NewForConfig(config)
}

// retriable makes every failure of the server look like a refused connection, the one that kwok's controllers try again. Of
// others, such as a request cut off when the API server dies or an error of etcd, they drop the pod until it changes again.
type retriable struct {
	next http.RoundTripper
}

func (r retriable) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := r.next.RoundTrip(request)
	switch {
	case request.Context().Err() != nil:
		return response, err
	case err != nil:
		return nil, fmt.Errorf("%w (%w)", syscall.ECONNREFUSED, err)
	case response.StatusCode >= http.StatusInternalServerError:
		response.Body.Close()
		return nil, fmt.Errorf("%w (%s)", syscall.ECONNREFUSED, response.Status)
	}
	return response, nil
}

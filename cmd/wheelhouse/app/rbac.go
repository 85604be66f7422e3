package app

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/leaderelection"
)

// rbacOptions are the flags of `wheelhouse rbac`.
type rbacOptions struct {
	// Controllers are the entries of --controllers. Default: *.
	Controllers []string
	// Name is that of the roles and bindings. Default: wheelhouse.
	Name string
	// ServiceAccount is NAMESPACE/NAME of whom the roles are bound to. Default: none, and no bindings.
	ServiceAccount string
	Election       leaderelection.Options
}

// rbacCommand writes the roles that a set of controllers needs. It needs no cluster.
func rbacCommand(all []controllers.Descriptor) *cobra.Command {
	o := rbacOptions{Controllers: []string{"*"}, Name: "wheelhouse", Election: leaderelection.DefaultOptions()}
	cmd := &cobra.Command{
		Use:   "rbac",
		Short: "Write the roles that the selected controllers need, as YAML",
		Example: `  wheelhouse rbac --controllers=podsync
  wheelhouse rbac --service-account=kube-system/wheelhouse | kubectl apply -f -`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.write(cmd.OutOrStdout(), all)
		},
	}
	o.addFlags(cmd.Flags(), all)
	completeControllers(cmd, all)
	return cmd
}

func (o *rbacOptions) addFlags(flags *pflag.FlagSet, all []controllers.Descriptor) {
	flags.StringSliceVar(&o.Controllers, "controllers", o.Controllers, controllersUsage(all))
	flags.StringVar(&o.Name, "name", o.Name, "Name of the roles and bindings.")
	flags.StringVar(&o.ServiceAccount, "service-account", o.ServiceAccount, "NAMESPACE/NAME of a service account to bind the roles to.")
	election := pflag.NewFlagSet("", pflag.ContinueOnError)
	o.Election.AddFlags(election)
	for _, name := range []string{"leader-elect", "leader-elect-scope", "leader-elect-resource-name", "leader-elect-resource-namespace"} {
		flags.AddFlag(election.Lookup(name))
	}
}

func (o *rbacOptions) validate() error {
	if o.Name == "" {
		return &controllers.FlagError{Flag: "name", Reason: "must not be empty"}
	}
	if o.ServiceAccount != "" && !isNamespacedName(o.ServiceAccount) {
		return &controllers.FlagError{Flag: "service-account", Reason: fmt.Sprintf("must be NAMESPACE/NAME, not %q", o.ServiceAccount)}
	}
	if err := o.Election.Validate(); err != nil {
		return &usageError{err}
	}
	return nil
}

// isNamespacedName reports whether text is NAMESPACE/NAME.
func isNamespacedName(text string) bool {
	namespace, name, _ := strings.Cut(text, "/")
	return namespace != "" && name != "" && !strings.Contains(name, "/")
}

func (o *rbacOptions) write(out io.Writer, all []controllers.Descriptor) error {
	if err := o.validate(); err != nil {
		return err
	}
	selected, err := controllers.Select(o.Controllers, all)
	if err != nil {
		return err
	}
	objects := []any{o.clusterRole(selected)}
	if o.Election.Enabled {
		objects = append(objects, o.role(selected))
	}
	if o.ServiceAccount != "" {
		objects = append(objects, o.bindings()...)
	}
	for _, object := range objects {
		if _, err := fmt.Fprintln(out, "---"); err != nil {
			return err
		}
		if err := writeYAML(out, object); err != nil {
			return err
		}
	}
	return nil
}

func (o *rbacOptions) clusterRole(selected []controllers.Descriptor) *rbacv1.ClusterRole {
	role := &rbacv1.ClusterRole{TypeMeta: kind("ClusterRole"), ObjectMeta: metav1.ObjectMeta{Name: o.Name}}
	for _, d := range selected {
		role.Rules = append(role.Rules, d.Rules...)
	}
	role.Rules = compact(role.Rules)
	return role
}

// role is for the leases, in their namespace.
func (o *rbacOptions) role(selected []controllers.Descriptor) *rbacv1.Role {
	var names []string
	for _, d := range selected {
		names = append(names, d.Name)
	}
	return &rbacv1.Role{
		TypeMeta:   kind("Role"),
		ObjectMeta: metav1.ObjectMeta{Namespace: o.Election.Namespace, Name: o.Name},
		Rules:      o.Election.Rules(names...),
	}
}

func (o *rbacOptions) bindings() []any {
	namespace, name, _ := strings.Cut(o.ServiceAccount, "/")
	subjects := []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: name}}
	list := []any{&rbacv1.ClusterRoleBinding{
		TypeMeta: kind("ClusterRoleBinding"), ObjectMeta: metav1.ObjectMeta{Name: o.Name},
		Subjects: subjects, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: o.Name},
	}}
	if o.Election.Enabled {
		list = append(list, &rbacv1.RoleBinding{
			TypeMeta: kind("RoleBinding"), ObjectMeta: metav1.ObjectMeta{Namespace: o.Election.Namespace, Name: o.Name},
			Subjects: subjects, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: o.Name},
		})
	}
	return list
}

func kind(name string) metav1.TypeMeta {
	return metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: name}
}

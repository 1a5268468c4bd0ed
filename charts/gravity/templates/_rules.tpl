{{/*
What the operator may do where it runs applications, and nothing more. Every rule says
why it is there; the tests compare the verbs that are used with the verbs that are granted.

Custom kinds that a cluster may lack are noticed through API discovery, which every
authenticated client may read, so nothing is granted on customresourcedefinitions.
*/}}
{{- define "gravity.applicationRules" -}}
# The applications. patch sets and lifts the finalizer that lets a deletion run in order;
# the operator never creates, replaces or deletes one.
- apiGroups: [gravity.dev]
  resources: [gravityapps]
  verbs: [get, list, watch, patch]
# What is told of an application: its conditions and the phase of each service.
- apiGroups: [gravity.dev]
  resources: [gravityapps/status]
  verbs: [patch]
{{ include "gravity.catalogRules" . }}
# What every service is made of: its identity, its configuration, its credentials and its
# address. Server-side apply is a patch, and a create where the object is new; delete is
# for what the plan dropped. Secrets are listed so that credentials made once are found
# again and never made anew.
- apiGroups: [""]
  resources: [serviceaccounts, configmaps, secrets, services]
  verbs: [list, watch, create, patch, delete]
# Workloads: the services, and the servers of their databases.
- apiGroups: [apps]
  resources: [deployments, statefulsets]
  verbs: [list, watch, create, patch, delete]
# Migrations, the provisioning of databases, and services of type job and cron.
- apiGroups: [batch]
  resources: [jobs, cronjobs]
  verbs: [list, watch, create, patch, delete]
# The number of pods follows the load.
- apiGroups: [autoscaling]
  resources: [horizontalpodautoscalers]
  verbs: [list, watch, create, patch, delete]
# A drained node does not take all pods of a service at once.
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [list, watch, create, patch, delete]
# The way in, by whichever of the three kinds of route an application asks for.
- apiGroups: [networking.k8s.io]
  resources: [ingresses]
  verbs: [list, watch, create, patch, delete]
- apiGroups: [traefik.io]
  resources: [ingressroutes]
  verbs: [list, watch, create, patch, delete]
- apiGroups: [gateway.networking.k8s.io]
  resources: [httproutes]
  verbs: [list, watch, create, patch, delete]
# The data. StatefulSets make the claims; the operator deletes one only where an
# application says deletionPolicy: Delete.
- apiGroups: [""]
  resources: [persistentvolumeclaims]
  verbs: [list, watch, delete]
# Read only: why a pod does not start is told in the application's conditions.
- apiGroups: [""]
  resources: [pods]
  verbs: [list, watch]
# The steps of a start, an upgrade and a deletion; patch counts one that repeats.
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end }}

{{/* What the operator may do where it only looks for services. */}}
{{- define "gravity.catalogRules" -}}
# The catalogue that versions are resolved from.
- apiGroups: [gravity.dev]
  resources: [gravityservices]
  verbs: [get, list, watch]
# Whether a manifest can be used, and which applications use it.
- apiGroups: [gravity.dev]
  resources: [gravityservices/status]
  verbs: [patch]
{{- end }}

{{/* The same subject stands in every binding. */}}
{{- define "gravity.subjects" -}}
subjects:
  - kind: ServiceAccount
    name: {{ include "gravity.serviceAccountName" . }}
    namespace: {{ .Release.Namespace }}
{{- end }}

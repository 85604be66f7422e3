{{/* All controllers by name, as JSON: those of controllers.yaml, which is made from the program, and the user's own. */}}
{{- define "wheelhouse.knownControllers" -}}
{{- $known := .Files.Get "controllers.yaml" | fromYaml -}}
{{- range .Values.extraControllers -}}
{{- if hasKey $known .name -}}
{{- fail (printf "extraControllers: %q is a controller of wheelhouse's own" .name) -}}
{{- end -}}
{{- $_ := set $known .name (dict "aliases" list "enabledByDefault" true "rules" .rules "canary" .canary) -}}
{{- end -}}
{{- toJson $known -}}
{{- end -}}

{{/* The names of the controllers that run, as a JSON list. It decides as the program does with --controllers. */}}
{{- define "wheelhouse.controllers" -}}
{{- $known := include "wheelhouse.knownControllers" . | fromJson -}}
{{- $names := keys $known | sortAlpha -}}
{{- $byAlias := dict -}}
{{- range $name, $controller := $known -}}
{{- $_ := set $byAlias $name $name -}}
{{- range $controller.aliases -}}{{- $_ := set $byAlias . $name -}}{{- end -}}
{{- end -}}
{{- $on := dict -}}
{{- $off := dict -}}
{{- range without .Values.controllers "*" -}}
{{- $word := trimPrefix "-" . -}}
{{- if not (hasKey $byAlias $word) -}}
{{- fail (printf "controllers: %q is not in the list of known controllers: %s" $word (join ", " $names)) -}}
{{- end -}}
{{- $_ := set (ternary $off $on (hasPrefix "-" .)) (get $byAlias $word) true -}}
{{- end -}}
{{- $star := has "*" .Values.controllers -}}
{{- $selected := list -}}
{{- range $names -}}
{{- if and (hasKey $on .) (hasKey $off .) -}}
{{- fail (printf "controllers: %q is both on and off; write %s or -%s" . . .) -}}
{{- end -}}
{{- if or (hasKey $on .) (and $star (get $known .).enabledByDefault (not (hasKey $off .))) -}}
{{- $selected = append $selected . -}}
{{- end -}}
{{- end -}}
{{- if and $off (not $star) (not $on) -}}
{{- fail (printf "controllers: %q turns controllers off and none on; write *,%s" (join "," .Values.controllers) (join "," .Values.controllers)) -}}
{{- end -}}
{{- if not $selected -}}
{{- fail (printf "controllers: %q selects no controller; the known ones are %s" (join "," .Values.controllers) (join ", " $names)) -}}
{{- end -}}
{{- toJson $selected -}}
{{- end -}}

# The same program in the same kind of image as `make image` makes, for those who have a builder of images.
FROM --platform=$BUILDPLATFORM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG TARGETOS TARGETARCH VERSION=v0.1.0-dev
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -buildvcs=false -trimpath -tags grpcnotrace \
    -ldflags "-s -w -X k8s.io/component-base/version.gitVersion=$VERSION" -o /out/wheelhouse ./cmd/wheelhouse

FROM scratch
COPY --from=build /out/wheelhouse /wheelhouse
ENV PATH=/
USER 65532:65532
ENTRYPOINT ["/wheelhouse"]

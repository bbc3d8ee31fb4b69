# syntax=docker/dockerfile:1

FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=""
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.release=${VERSION}" -o /out/alerter ./cmd/alerter
RUN mkdir -p /out/data

FROM scratch
LABEL org.opencontainers.image.title="alerter" \
      org.opencontainers.image.description="Warns before the rate limits of the Claude API bite" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/alerter /alerter
COPY --from=build --chown=65532:65532 /out/data /data
# storage.path is data/alerter.db by default, which is on the volume from here.
WORKDIR /
USER 65532:65532
VOLUME /data
EXPOSE 9911
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["/alerter", "healthcheck"]
ENTRYPOINT ["/alerter"]
CMD ["run"]

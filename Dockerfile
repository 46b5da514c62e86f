# iamsync as a long-running container: `run` reconciles /desired every few minutes.
#
#   docker build -t iamsync .
#   docker run --read-only --cap-drop ALL -v "$PWD/desired:/desired:ro" -v iamsync-passwords:/passwords -e AWS_PROFILE ... iamsync
#
# Everything that is installed is pinned by its hash in deploy/locks. Pin the base image, too: the release does so with
# --build-arg BASE=python:3.13-slim@sha256:...

ARG BASE=python:3.13-slim

FROM ${BASE} AS build
WORKDIR /src
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ONLY_BINARY=:all:
COPY deploy/locks deploy/locks
RUN python -m venv /opt/iamsync \
 && /opt/iamsync/bin/pip install --require-hashes -r deploy/locks/runtime.txt
RUN python -m venv /opt/build \
 && /opt/build/bin/pip install --require-hashes -r deploy/locks/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN /opt/build/bin/hatchling build -t wheel -d /dist \
 && /opt/iamsync/bin/pip install --no-deps --no-index /dist/*.whl

FROM ${BASE}
# For --git: git, ssh for its connections, ssh-keygen for signatures.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends git openssh-client \
 && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin iamsync \
 && install -d -o iamsync -m 0700 /passwords /state
COPY --from=build /opt/iamsync /opt/iamsync
USER 10001
# PYTHONDONTWRITEBYTECODE, because the root may be read-only
ENV PATH=/opt/iamsync/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 IAMSYNC_DESIRED=/desired IAMSYNC_CSV=/passwords \
    IAMSYNC_SEALED=/passwords IAMSYNC_STATE=/state IAMSYNC_METRICS_ADDRESS=127.0.0.1:9090
VOLUME ["/passwords", "/state"]
HEALTHCHECK --interval=30s --timeout=5s --start-period=1m --retries=4 \
  CMD ["/opt/iamsync/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9090/healthz', timeout=4)"]
ENTRYPOINT ["iamsync"]
CMD ["run", "--every", "5m"]

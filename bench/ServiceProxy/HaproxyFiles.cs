namespace ServiceProxy;

/// <summary>HAProxy twice: as the backends, which answer 1 KiB with one thread, and as the peer, with as many threads as there are cores.</summary>
internal static class HaproxyFiles
{
    public static string Backends(string directory, Ports ports)
    {
        var answer = Path.Combine(directory, "answer");
        File.WriteAllText(answer, new string('x', 1024));
        return Write(directory, "backends.cfg", $"""
            global
              nbthread 1
              maxconn 8192
            defaults
              mode http
              timeout client 60s
              timeout connect 5s
              timeout server 60s
            frontend answers
              bind 127.0.0.1:{ports.First}
              bind 127.0.0.1:{ports.Second}
              http-request return status 200 content-type text/plain file {answer}
            """);
    }

    public static string Peer(string directory, Ports ports) => Write(directory, "peer.cfg", $"""
        global
          nbthread {Environment.ProcessorCount}
          maxconn 8192
        defaults
          timeout client 60s
          timeout connect 5s
          timeout server 60s
        listen tcp
          mode tcp
          bind {Ports.Service}:{ports.PeerTcp}
          server first 127.0.0.1:{ports.First}
          server second 127.0.0.1:{ports.Second}
        listen http
          mode http
          http-reuse always
          option forwardfor
          bind {Ports.Service}:{ports.PeerHttp}
          server first 127.0.0.1:{ports.First}
          server second 127.0.0.1:{ports.Second}
        """);

    private static string Write(string directory, string name, string text)
    {
        var path = Path.Combine(directory, name);
        File.WriteAllText(path, text + "\n");
        return path;
    }
}

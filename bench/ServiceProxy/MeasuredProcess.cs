using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ServiceProxy;

/// <summary>A server in a process of its own.</summary>
internal sealed class MeasuredProcess : IDisposable
{
    private readonly Process _process;

    private MeasuredProcess(Process process) => _process = process;

    /// <summary>CPU time so far.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts a program and waits until it listens.</summary>
    public static async Task<MeasuredProcess> StartAsync(string program, IEnumerable<string> arguments, IPEndPoint? listens)
    {
        var started = new MeasuredProcess(Process.Start(new ProcessStartInfo(program, arguments))!);
        while (listens is not null)
        {
            try
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(listens);
                break;
            }
            catch (SocketException) when (!started._process.HasExited)
            {
                await Task.Delay(20);
            }
        }

        return started;
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}

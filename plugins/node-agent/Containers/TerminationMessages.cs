using System.Text;
using Modular.Abstractions;
using Modular.Models;
using Modular.Plugins.NodeAgent.Endpoint;
using ContainerState = Modular.Abstractions.ContainerState;

namespace Modular.Plugins.NodeAgent.Containers;

/// <summary>What containers leave behind when they end: in a file of their own or, where they wish it, at the end of their log.</summary>
internal sealed class TerminationMessages(PodDirectories directories, string podUid)
{
    /// <summary>The name of the file's mount, by which containers that see no mounts find it.</summary>
    public const string MountName = "termination-log";

    private const int LongestMessage = 4096;
    private const int LongestLogMessage = 2048;
    private const int MostLogLines = 80;
    private const int LogTail = 64 * 1024;
    private const UnixFileMode EverybodyWrites = (UnixFileMode)0b110_110_110;

    private readonly Dictionary<string, string> _read = new(StringComparer.Ordinal);

    /// <summary>The file of one run of a container, which whoever the container is may write.</summary>
    public static ContainerMount Mount(PodDirectories directories, string podUid, Container container, int attempt)
    {
        var path = directories.TerminationMessage(podUid, container.Name, attempt);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using (File.Open(path, FileMode.OpenOrCreate))
        {
            File.SetUnixFileMode(path, EverybodyWrites);
        }

        return new ContainerMount(path, container.TerminationMessagePath, ReadOnly: false) { Name = MountName };
    }

    /// <summary>A run that has ended, with the message it left.</summary>
    public ContainerState? Complete(Container container, ContainerState? run)
    {
        if (run is not { Phase: ContainerPhase.Exited, Message.Length: 0 })
        {
            return run;
        }

        if (!_read.TryGetValue(run.Id, out var message))
        {
            _read[run.Id] = message = Read(container, run);
        }

        return run with { Message = message };
    }

    /// <summary>The run is not shown any more.</summary>
    public void Forget(ContainerState run)
    {
        _read.Remove(run.Id);
        File.Delete(directories.TerminationMessage(podUid, run.Name, run.Attempt));
    }

    private string Read(Container container, ContainerState run)
    {
        try
        {
            var message = Text(Tail(directories.TerminationMessage(podUid, run.Name, run.Attempt), LongestMessage, fromStart: true));
            return message.Length == 0 && run.ExitCode != 0 && container.TerminationMessagePolicy == "FallbackToLogsOnError" ? LogEnd(run.LogPath) : message;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static string LogEnd(string path)
    {
        var lines = new Queue<string>();
        ReadOnlySpan<byte> rest = Tail(path, LogTail, fromStart: false);
        while (rest.IndexOf((byte)'\n') is >= 0 and var end)
        {
            if (CriLine.TryParse(rest[..end], out var line))
            {
                lines.Enqueue(Text(line.Content) + (line.IsComplete ? "\n" : ""));
                if (lines.Count > MostLogLines)
                {
                    lines.Dequeue();
                }
            }

            rest = rest[(end + 1)..];
        }

        var text = string.Concat(lines);
        return text.Length > LongestLogMessage ? text[^LongestLogMessage..] : text;
    }

    private static byte[] Tail(string path, int longest, bool fromStart)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (!fromStart && file.Length > longest)
        {
            file.Position = file.Length - longest;
        }

        var buffer = new byte[longest];
        return buffer[..file.ReadAtLeast(buffer, longest, throwOnEndOfStream: false)];
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}

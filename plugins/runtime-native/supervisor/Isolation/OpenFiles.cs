using Modular.RuntimeNative.Supervisor.Native;

namespace Modular.RuntimeNative.Supervisor.Isolation;

/// <summary>Descriptors that a script needs for as long as it runs.</summary>
internal sealed class OpenFiles : IDisposable
{
    private readonly List<int> _descriptors = [];

    public int Open(string path) => Add(LibC.open(path, LibC.O_RDONLY | LibC.O_CLOEXEC, 0), path);

    public int OpenForWriting(string path) => Add(LibC.open(path, LibC.O_WRONLY | LibC.O_CLOEXEC, 0), path);

    public int Add(int descriptor, string what)
    {
        if (descriptor < 0)
        {
            throw new ChildStartException(0, LibC.Failure(what).Message);
        }

        _descriptors.Add(descriptor);
        return descriptor;
    }

    public void Dispose()
    {
        foreach (var descriptor in _descriptors)
        {
            _ = LibC.close(descriptor);
        }
    }
}

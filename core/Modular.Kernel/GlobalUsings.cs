global using Modular.Abstractions;
global using Modular.ApiMachinery;
